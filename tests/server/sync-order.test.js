// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { complete, create, putChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { strace } from "../support/strace.js";
import { WATCHED, chunkViolation, firstNotInOrder, isAnswer, isLedgerWrite, isSync, sync } from "../support/sync-order.js";
import { escaped, parseSystemCalls } from "../support/system-calls.js";
import { tempDir } from "../support/temp-dir.js";

// `kill -9` keeps the page cache, so it can't show whether a sync is missing; the system calls do.

const bytes = randomBytes(64 * UNIT);

describe("the server as it is shipped", async () => {
  const { calls, upload, chunks, created, completed, dataDir } = await traced();

  test("each chunk: data written, data synced, ledger written, ledger synced, answered, in this order", () => {
    assert.equal(chunks.length, 40);
    assert.deepEqual(chunks.map((chunk) => chunkViolation(calls, upload, chunk)).filter(Boolean), []);
  });

  test("creation: the blob, its folder, and the ledger are synced before the answer", () => {
    const isMade = (/** @type {import("../support/system-calls.js").SystemCall} */ { name, args }) =>
      name === "openat" && args.includes("O_CREAT") && args.includes(escaped(Buffer.from(upload.id)));
    assert.equal(firstNotInOrder(calls, [
      ["the making of the blob", isMade],
      sync("the blob", upload.id),
      sync("its folder", "/unfinished"),
      sync("the ledger", "-wal"),
      ["the answer", isAnswer("201", created)],
    ]), null);
  });

  test("completion: data synced, renamed, both folders synced, ledger synced, answered, in this order", () => {
    const { id } = upload;
    const isRename = (/** @type {import("../support/system-calls.js").SystemCall} */ { name, args }) =>
      name.startsWith("rename") && args.includes(escaped(Buffer.from(id)));
    const rename = calls.find(isRename);
    assert.ok(rename);
    const lastWrite = calls.findLast((call) => /^p?write/.test(call.name) && call.path.endsWith(id));
    for (const folder of [join(dataDir, "unfinished"), join(dataDir, "files", id.slice(0, 2), id.slice(2, 4))]) {
      assert.equal(firstNotInOrder(calls, [
        sync("the data", id),
        ["the rename", isRename],
        sync(folder, folder),
      ], lastWrite?.end), null);
      const isFolderSync = isSync(folder);
      /** @type {import("../support/system-calls.js").SystemCall | undefined} */
      const folderSync = calls.find((call) => isFolderSync(call) && call.start > rename.end);
      assert.equal(firstNotInOrder(calls.filter((call) => !isLedgerWrite(call) || call.start > rename.end), [
        ["the ledger's write", isLedgerWrite],
        sync("the ledger", "-wal"),
        ["the answer", isAnswer("200", completed)],
      ], folderSync?.end), null);
    }
  });

  test("completion: each new folder is synced into the one above it before the answer", () => {
    const answer = calls.find(isAnswer("200", completed));
    for (const folder of [join(dataDir, "files", upload.id.slice(0, 2)), join(dataDir, "files", upload.id.slice(0, 2), upload.id.slice(2, 4))]) {
      const made = calls.find(({ name, args }) => name.startsWith("mkdir") && args.includes(`${escaped(Buffer.from(folder))}"`));
      assert.ok(made, `${folder} was not made`);
      const synced = calls.find((call) => isSync(join(folder, ".."))(call) && call.start > made.end);
      assert.ok(synced && answer && synced.end < answer.start, `${folder} was not synced`);
    }
  });
});

// A checker that finds nothing wrong with these could not find anything.
for (const [fault, missing] of Object.entries({
  "skip-data-sync": "the sync of the data",
  "skip-ledger-sync": "the sync of the ledger",
})) {
  test(`a server with ${fault} is found out at each chunk`, async () => {
    const { calls, upload, chunks } = await traced({ features: ["fault-injection"], env: { UPFERRY_FAULT: fault } });
    for (const chunk of chunks) assert.match(String(chunkViolation(calls, upload, chunk)), new RegExp(missing));
  });
}

/**
 * Uploads a file in 8 chunks one after another and 32 in parallel, and completes it, with the system calls watched.
 * @param {import("../support/server.js").ServerOptions} [options]
 */
async function traced(options) {
  const log = join(tempDir("strace"), "log");
  // A ledger page and its headers are printed whole: the digest of a chunk is somewhere in it.
  const wrapper = strace("-o", log, "-yy", "-xx", "-tt", "-s", "8192", "-e", `trace=${WATCHED}`);
  const server = await startServer({ ...options, wrapper });
  const answer = await create(server, { size: bytes.length, name: "file.bin" });
  assert.equal(answer.status, 201);
  const upload = { url: server.url + answer.headers.location, size: bytes.length, id: answer.json.id };

  const ranges = Array.from({ length: 40 }, (_, i) => (i < 24 ? [2 * i, 2 * i + 2] : [24 + i, 25 + i]));
  const put = async (/** @type {number[]} */ [first, last]) => {
    const [start, end] = [first * UNIT, last * UNIT];
    const { status, clientPort } = await putChunk(upload, start, bytes.subarray(start, end));
    assert.equal(status, 204);
    const sha256 = createHash("sha256").update(bytes.subarray(start, end)).digest();
    return { start, end, sha256, clientPort: Number(clientPort) };
  };
  const chunks = [];
  for (const range of ranges.slice(0, 8)) chunks.push(await put(range));
  chunks.push(...(await Promise.all(ranges.slice(8).map(put))));

  const done = await complete(upload);
  assert.equal(done.status, 200);
  await server.stop();
  return {
    calls: parseSystemCalls(readFileSync(log, "latin1")),
    upload,
    chunks,
    dataDir: server.dataDir,
    created: Number(answer.clientPort),
    completed: Number(done.clientPort),
  };
}
