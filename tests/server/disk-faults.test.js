// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { complete, createUpload, putChunk, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { injecting } from "../support/strace.js";

const bytes = randomBytes(4 * UNIT);
const half = bytes.subarray(0, 2 * UNIT);

/**
 * Runs a server whose system calls on one upload's file fail as `what` says.
 * @param {string} calls
 * @param {string} what
 * @param {(upload: import("../support/protocol.js").Upload) => Promise<void>} body
 */
async function withFault(calls, what, body) {
  const first = await startServer();
  const upload = await createUpload(first, bytes.length);
  await first.stop();
  const [path] = storedFiles(first, upload);
  const server = await startServer({ port: first.port, dataDir: first.dataDir, wrapper: injecting(calls, what, path) });
  try {
    await body(upload);
  } finally {
    await server.kill9();
  }
}

test("a failed sync confirms nothing; a repeat is stored", async () => {
  await withFault("fsync,fdatasync", "error=EIO:when=1", async (upload) => {
    const answer = await putChunk(upload, 0, half);
    assertProblem(answer, "unavailable");
    assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
    assert.deepEqual((await status(upload)).json.received, []);
    await storeChunk(upload, 0, bytes);
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
  });
});

test("a failed sync fails every chunk written since the last good one", async () => {
  await withFault("fsync,fdatasync", "error=EIO:when=1:delay_enter=500ms", async (upload) => {
    const answers = await Promise.all([0, 1, 2, 3].map((unit) => putChunk(upload, unit * UNIT, bytes.subarray(unit * UNIT, (unit + 1) * UNIT))));
    const failed = answers.filter(({ status }) => status !== 204);
    assert.ok(failed.length > 0);
    for (const answer of failed) assertProblem(answer, "unavailable");
    const { receivedBytes } = (await status(upload)).json;
    assert.equal(receivedBytes, (4 - failed.length) * UNIT);
  });
});

for (const calls of ["fallocate", "write,pwrite64,pwritev,pwritev2"]) {
  test(`no room at ${calls.split(",")[0]}: 507, the upload stays, a repeat is stored`, async () => {
    await withFault(calls, "error=ENOSPC:when=1", async (upload) => {
      assertProblem(await putChunk(upload, 0, half), "insufficient-storage");
      const { state, received } = (await status(upload)).json;
      assert.deepEqual({ state, received }, { state: "open", received: [] });
      await storeChunk(upload, 0, bytes);
      assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
    });
  });
}

test("a quota that is used up is no room either", async () => {
  await withFault("write,pwrite64,pwritev,pwritev2", "error=EDQUOT:when=1", async (upload) => {
    assertProblem(await putChunk(upload, 0, half), "insufficient-storage");
    await storeChunk(upload, 0, bytes);
  });
});

test("a file system without fallocate is no error", async () => {
  await withFault("fallocate", "error=EOPNOTSUPP", async (upload) => {
    await storeChunk(upload, 0, bytes);
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
  });
});

test("an interrupted write is carried on", async () => {
  await withFault("write,pwrite64", "error=EINTR:when=1", async (upload) => {
    await storeChunk(upload, 0, bytes);
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
  });
});
