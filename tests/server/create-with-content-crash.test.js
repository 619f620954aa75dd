// @ts-check
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { MIB, UNIT, randomBytes, seededRandom } from "../support/bytes.js";
import { content, create, createWithContent, locatedUpload, status } from "../support/protocol.js";
import { serverBinary } from "../support/server-binary.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { strace } from "../support/strace.js";
import { WATCHED, chunkViolation, firstNotInOrder, isAnswer, isLedgerWrite, isSync, sync } from "../support/sync-order.js";
import { escaped, parseSystemCalls } from "../support/system-calls.js";
import { tempDir } from "../support/temp-dir.js";

/** So that no completion on a busy machine outlasts the wait for it. */
const patient = ["--complete-wait", "30s"];
const features = ["fault-injection"];
const binary = await serverBinary(features);
const completion = execFileSync(binary, { env: { ...process.env, UPFERRY_FAULT: "list-steps" }, encoding: "utf8" }).trim().split("\n");
/** Those that a creation with content goes through: that it is completing is noted along with its creation. */
const steps = ["create-blob", "create-ledger", ...completion.filter((step) => step !== "ledger-completing" && step !== "ledger-digest")];

const small = randomBytes(10 * 1024 + 7);
const large = randomBytes(MIB + 3 * UNIT + 7);
const headers = { "idempotency-key": '"crash"' };
const completeWhenFull = true;

for (const [what, bytes, before] of /** @type {[string, Buffer, string[]][]} */ ([
  ["small", small, steps],
  ["large", large, [...steps, "ledger-completing"]],
])) {
  for (const step of before) {
    test(`a ${what} file, stopped before ${step}: the same request again brings it to its end`, async () => {
      const stopped = await startServer({ features, env: { UPFERRY_FAULT: `stop-before:${step}` } });
      await assert.rejects(createWithContent(stopped, bytes, { headers, completeWhenFull }), `answered although it stops before ${step}`);
      assert.equal((await stopped.exited).signal, "SIGABRT");
      const server = await startServer({ args: patient, port: stopped.port, dataDir: stopped.dataDir });
      const answer = await createWithContent(server, bytes, { headers, completeWhenFull });
      assert.equal(answer.status, step.startsWith("create-") ? 201 : 200, answer.body.toString());
      await assertComplete(server, answer, bytes);
      await server.stop();
    });
  }
}

test("killed at any moment: what was answered is there, and the same requests again bring all to their end", async () => {
  const random = seededRandom(7);
  for (let round = 0; round < 5; round++) {
    const killed = await startServer({ args: patient });
    const files = Array.from({ length: 60 }, (_, i) => ({ bytes: randomBytes(4000 + i, i + 1), key: `"${i}"` }));
    /** @type {Map<string, string>} the ids that were told, by key */
    const told = new Map();
    const send = async (/** @type {import("../support/server.js").Server} */ server, /** @type {typeof files[0]} */ { bytes, key }) => {
      const answer = await createWithContent(server, bytes, { headers: { "idempotency-key": key }, completeWhenFull });
      assert.ok(answer.status === 200 || answer.status === 201, answer.body.toString());
      return answer;
    };
    const enough = 5 + random(40);
    let next = 0;
    await Promise.all(Array.from({ length: 6 }, async () => {
      for (let file = files[next++]; file && told.size < enough; file = files[next++]) {
        const { key } = file;
        await send(killed, file).then((answer) => told.set(key, answer.json.id), () => {});
      }
    }).concat((async () => {
      while (told.size < enough) await new Promise(setImmediate);
      await killed.kill9();
    })()));

    const server = await startServer({ args: patient, port: killed.port, dataDir: killed.dataDir });
    for (const [key, id] of told) {
      const found = await create(server, { size: files[Number(key.slice(1, -1))].bytes.length, name: "file.bin", completeWhenFull }, { "idempotency-key": key });
      assert.deepEqual([found.status, found.json.id, found.json.state], [200, id, "complete"]);
    }
    for (const file of files) await assertComplete(server, await send(server, file), file.bytes);
    assert.deepEqual(readdirSync(join(server.dataDir, "unfinished")), []);
    await server.stop();
  }
});

// `kill -9` keeps the page cache, so it can't show whether a sync is missing; the system calls do.
describe("the order of the system calls", async () => {
  const { calls, upload, chunk, answered, dataDir } = await traced({});
  const { id } = upload;
  const isRename = (/** @type {import("../support/system-calls.js").SystemCall} */ { name, args }) =>
    name.startsWith("rename") && args.includes(escaped(Buffer.from(id)));

  test("data written, data and folder synced, ledger written and synced, then the rename", () => {
    const lastWrite = calls.findLast((call) => /^p?write/.test(call.name) && call.path.endsWith(id));
    assert.equal(firstNotInOrder(calls, [
      sync("the data", id),
      sync("its folder", "/unfinished"),
      ["the ledger's write", (call) => isLedgerWrite(call) && call.args.includes(escaped(chunk.sha256))],
      sync("the ledger", "-wal"),
      ["the rename", isRename],
    ], lastWrite?.end), null);
  });

  test("both folders synced after the rename, then the ledger, then answered", () => {
    const rename = calls.find(isRename);
    assert.ok(rename);
    for (const folder of [join(dataDir, "unfinished"), join(dataDir, "files", id.slice(0, 2), id.slice(2, 4))]) {
      const isFolderSync = isSync(folder);
      /** @type {import("../support/system-calls.js").SystemCall | undefined} */
      const folderSync = calls.find((call) => isFolderSync(call) && call.start > rename.end);
      assert.ok(folderSync, `${folder} was not synced`);
      assert.equal(firstNotInOrder(calls.filter((call) => !isLedgerWrite(call) || call.start > rename.end), [
        ["the ledger's write", isLedgerWrite],
        sync("the ledger", "-wal"),
        ["the answer", isAnswer("201", answered)],
      ], folderSync.end), null);
    }
  });

  test("a small file needs two commits: it is entered with its chunk, and complete", () => {
    const firstWrite = calls.find((call) => /^p?write/.test(call.name) && call.path.endsWith(id));
    const answer = calls.find(isAnswer("201", answered));
    assert.ok(firstWrite && answer);
    assert.equal(calls.filter((call) => isSync("-wal")(call) && call.start > firstWrite.start && call.end < answer.start).length, 2);
  });
});

for (const [fault, missing] of Object.entries({ "skip-data-sync": "the sync of the data", "skip-ledger-sync": "the sync of the ledger" })) {
  test(`a server with ${fault} is found out`, async () => {
    const { calls, upload, chunk } = await traced({ features, env: { UPFERRY_FAULT: fault } });
    assert.match(String(chunkViolation(calls, upload, chunk)), new RegExp(missing));
  });
}

/**
 * Sends a small file along with its creation, with the system calls watched.
 * @param {import("../support/server.js").ServerOptions} options
 */
async function traced(options) {
  const log = join(tempDir("strace"), "log");
  const server = await startServer({ ...options, args: patient, wrapper: strace("-o", log, "-yy", "-xx", "-tt", "-s", "8192", "-e", `trace=${WATCHED}`) });
  const answer = await createWithContent(server, small, { completeWhenFull });
  assert.equal(answer.status, 201);
  await server.stop();
  return {
    calls: parseSystemCalls(readFileSync(log, "latin1")),
    upload: { id: answer.json.id },
    chunk: { start: 0, end: small.length, sha256: createHash("sha256").update(small).digest(), clientPort: Number(answer.clientPort) },
    answered: Number(answer.clientPort),
    dataDir: server.dataDir,
  };
}

/**
 * @param {import("../support/server.js").Server} server
 * @param {import("../support/protocol.js").Answer} answer
 * @param {Buffer} bytes
 */
async function assertComplete(server, answer, bytes) {
  const upload = locatedUpload(server, answer, bytes.length);
  assert.equal((await status(upload)).json.state, "complete");
  assert.deepEqual((await content(upload)).body, bytes);
  assert.equal(storedFiles(server, upload).length, 1, "a copy stayed behind");
}
