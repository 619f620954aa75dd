// @ts-check
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { complete, createUpload, createWithContent, putChunk, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { endTrace, injecting } from "../support/strace.js";

const bytes = randomBytes(4 * UNIT);
const half = bytes.subarray(0, 2 * UNIT);

const WRITES = "write,writev,pwrite64,pwritev,pwritev2";
const SYNCS = "fsync,fdatasync,sync_file_range";

/**
 * Runs a server whose system calls on one upload's file fail as `what` says, until the body ends the fault.
 * @param {string} calls
 * @param {string} what
 * @param {(upload: import("../support/protocol.js").Upload, endFault: () => Promise<void>) => Promise<void>} body
 */
async function withFault(calls, what, body) {
  const first = await startServer();
  const upload = await createUpload(first, bytes.length);
  await first.stop();
  const [path] = storedFiles(first, upload);
  const server = await startServer({ port: first.port, dataDir: first.dataDir, wrapper: injecting(calls, what, path) });
  try {
    await body(upload, () => endTrace(server));
  } finally {
    await server.kill9();
  }
}

/** @param {import("../support/protocol.js").Upload} upload */
async function assertArrives(upload) {
  await storeChunk(upload, 0, bytes);
  assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
}

test("a failed sync confirms nothing; when syncs work again, the chunk is stored", async () => {
  await withFault(SYNCS, "error=EIO", async (upload, endFault) => {
    const answer = await putChunk(upload, 0, half);
    assertProblem(answer, "unavailable");
    assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
    assert.deepEqual((await status(upload)).json.received, []);
    await endFault();
    await assertArrives(upload);
  });
});

test("a creation with content whose sync fails makes nothing; when syncs work again, the same request is taken", async () => {
  const headers = { "idempotency-key": '"sync"' };
  const first = await startServer();
  await first.stop();
  const folder = join(first.dataDir, "unfinished");
  const server = await startServer({ port: first.port, dataDir: first.dataDir, wrapper: injecting(SYNCS, "error=EIO", folder) });
  const answer = await createWithContent(server, half, { headers });
  assertProblem(answer, "unavailable");
  assert.equal(answer.headers.location, undefined);
  assert.deepEqual(readdirSync(folder), []);
  await endTrace(server);
  assert.equal((await createWithContent(server, half, { headers })).status, 201);
  await server.stop();
});

test("a failed sync fails every chunk that was written since the last good one", async () => {
  await withFault(SYNCS, "error=EIO:delay_enter=500ms", async (upload, endFault) => {
    const answers = await Promise.all([0, 1, 2, 3].map((unit) => putChunk(upload, unit * UNIT, bytes.subarray(unit * UNIT, (unit + 1) * UNIT))));
    for (const answer of answers) assertProblem(answer, "unavailable");
    assert.deepEqual((await status(upload)).json.received, []);
    await endFault();
    await assertArrives(upload);
  });
});

for (const [what, calls, error] of [
  ["to reserve", "fallocate", "ENOSPC"],
  ["to write", WRITES, "ENOSPC"],
  ["under a quota", WRITES, "EDQUOT"],
]) {
  test(`no room ${what}: the upload stays, and goes on when there is room`, async () => {
    await withFault(calls, `error=${error}`, async (upload, endFault) => {
      assertProblem(await putChunk(upload, 0, half), "insufficient-storage");
      const { state, received } = (await status(upload)).json;
      assert.deepEqual({ state, received }, { state: "open", received: [] });
      await endFault();
      await assertArrives(upload);
    });
  });
}

test("a file system without fallocate is no error", () => withFault("fallocate", "error=EOPNOTSUPP", assertArrives));

test("an interrupted write is carried on", () => withFault(WRITES, "error=EINTR:when=1", assertArrives));
