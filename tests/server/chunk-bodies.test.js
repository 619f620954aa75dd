// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, contentDigest, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { chunks, createUpload, openPut, putChunk, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { until } from "../support/until.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(2 * UNIT);

test("a chunk whose digest differs is refused, and the server's digest is not told", async () => {
  const upload = await createUpload(server, bytes.length);
  const answer = await putChunk(upload, 0, bytes, { "content-digest": contentDigest(Buffer.from("other")) });
  assertProblem(answer, "digest-mismatch");
  const told = JSON.stringify(answer.headers) + answer.body.toString();
  assert.ok(!told.includes(sha256Hex(bytes)), "the digest in hexadecimal");
  assert.ok(!told.includes(contentDigest(bytes).slice(9, -1)), "the digest in base64");
  assert.deepEqual((await status(upload)).json.received, []);
});

test("after a refused chunk the right one is taken", async () => {
  const upload = await createUpload(server, bytes.length);
  await putChunk(upload, 0, randomBytes(bytes.length, 2), { "content-digest": contentDigest(bytes) });
  await storeChunk(upload, 0, bytes);
  assert.deepEqual((await chunks(upload)).json.chunks, [{ start: 0, end: bytes.length, sha256: sha256Hex(bytes) }]);
});

for (const [what, length] of /** @type {[string, number][]} */ ([
  ["shorter", UNIT],
  ["one byte shorter", 2 * UNIT - 1],
  ["longer", 3 * UNIT],
  ["empty", 0],
])) {
  test(`a Content-Length ${what} than its range is an invalid request`, async () => {
    const upload = await createUpload(server, 4 * UNIT);
    const body = randomBytes(length);
    const headers = { "content-range": `bytes 0-${2 * UNIT - 1}/${4 * UNIT}`, "content-digest": contentDigest(body) };
    assertProblem(await putChunk(upload, 0, body, headers), "invalid-request");
    assert.deepEqual((await status(upload)).json.received, []);
  });
}

test("a body that is cut leaves nothing, and frees its range", async () => {
  const upload = await createUpload(server, bytes.length);
  const cut = await openPut(upload, 0, bytes, UNIT);
  await cut.abort();
  await until("the range is free", async () => (await status(upload)).json.receiving.length === 0, { limitMs: 2000 });
  assert.deepEqual((await status(upload)).json.received, []);
  await storeChunk(upload, 0, bytes);
});
