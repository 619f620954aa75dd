// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, contentDigest, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { chunks, complete, createUpload, createWith, openPut, putChunk, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(4 * UNIT);
const others = randomBytes(4 * UNIT, 2);
const part = (/** @type {Buffer} */ from, /** @type {number} */ start, /** @type {number} */ end) => from.subarray(start * UNIT, end * UNIT);

test("a stored chunk again is confirmed again", async () => {
  const upload = await createWith(server, bytes);
  await storeChunk(upload, 0, bytes);
});

test("a stored chunk with other bytes is a conflict, and the stored bytes stay", async () => {
  const upload = await createWith(server, bytes);
  assertProblem(await putChunk(upload, 0, others), "chunk-conflict");
  assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
});

test("a stored chunk with one bit changed is a conflict", async () => {
  const upload = await createWith(server, bytes);
  const changed = Buffer.from(bytes);
  changed[changed.length - 1] ^= 1;
  assertProblem(await putChunk(upload, 0, changed), "chunk-conflict");
});

for (const [what, start, end] of /** @type {[string, number, number][]} */ ([
  ["within a stored chunk", 1, 2],
  ["across two stored chunks", 1, 3],
  ["over all stored chunks", 0, 4],
])) {
  test(`other boundaries ${what}: the same bytes are confirmed, others are a conflict`, async () => {
    const upload = await createWith(server, bytes, { chunk: 2 * UNIT });
    const before = (await chunks(upload)).json;
    await storeChunk(upload, start * UNIT, part(bytes, start, end));
    assertProblem(await putChunk(upload, start * UNIT, part(others, start, end)), "chunk-conflict");
    assert.deepEqual((await chunks(upload)).json, before);
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
  });
}

test("a stored range whose body does not have its stated digest is a mismatch, no conflict", async () => {
  const upload = await createWith(server, bytes);
  assertProblem(await putChunk(upload, 0, others, { "content-digest": contentDigest(bytes) }), "digest-mismatch");
});

for (const [what, start, end] of /** @type {[string, number, number][]} */ ([
  ["before", 0, 2],
  ["behind", 1, 3],
  ["around", 0, 3],
])) {
  test(`a range that reaches ${what} the stored one is told what is stored`, async () => {
    const upload = await createUpload(server, 4 * UNIT);
    await storeChunk(upload, UNIT, part(bytes, 1, 2));
    const answer = await putChunk(upload, start * UNIT, part(bytes, start, end));
    assert.deepEqual(assertProblem(answer, "chunk-overlap").received, [[UNIT, 2 * UNIT]]);
    assert.deepEqual((await status(upload)).json.received, [[UNIT, 2 * UNIT]]);
  });
}

test("the same range while it is being received is busy", async () => {
  const upload = await createUpload(server, 4 * UNIT);
  const first = await openPut(upload, 0, part(bytes, 0, 2), UNIT);
  const answer = await putChunk(upload, 0, part(bytes, 0, 2));
  assertProblem(answer, "range-busy");
  assert.equal(answer.headers["retry-after"], "1");
  assert.equal((await first.finish()).status, 204);
});

for (const [what, start, end] of /** @type {[string, number, number][]} */ ([
  ["within", 1, 2],
  ["over the start of", 0, 2],
  ["over the end of", 2, 4],
  ["around", 0, 4],
])) {
  test(`a range ${what} one being received is busy`, async () => {
    const upload = await createUpload(server, 4 * UNIT);
    const first = await openPut(upload, UNIT, part(bytes, 1, 3), 1000);
    assertProblem(await putChunk(upload, start * UNIT, part(bytes, start, end)), "range-busy");
    assert.equal((await first.finish()).status, 204);
  });
}

test("ranges that only touch are received at the same time", async () => {
  const upload = await createUpload(server, 4 * UNIT);
  const first = await openPut(upload, 0, part(bytes, 0, 1), 1000);
  const second = await openPut(upload, UNIT, part(bytes, 1, 2), 1000);
  await storeChunk(upload, 2 * UNIT, part(bytes, 2, 4));
  assert.deepEqual([(await second.finish()).status, (await first.finish()).status], [204, 204]);
  assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
});
