// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { MIB, UNIT, randomBytes, seededRandom, sha256Hex } from "../support/bytes.js";
import { complete, content, createUpload, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

/**
 * Cuts a file into chunks of 1 to 8 units.
 * @param {Buffer} bytes
 * @param {number} seed
 */
function cut(bytes, seed) {
  const random = seededRandom(seed);
  /** @type {number[]} */
  const starts = [];
  for (let start = 0; start < bytes.length; start += UNIT * (1 + random(8))) starts.push(start);
  const parts = starts.map((start, i) => ({ start, bytes: bytes.subarray(start, starts[i + 1] ?? bytes.length) }));
  return parts.map((part) => ({ part, key: random(1 << 30) })).sort((a, b) => a.key - b.key).map(({ part }) => part);
}

for (const seed of [1, 2, 3]) {
  test(`chunks of any length, in any order, in parallel, make the file (seed ${seed})`, async () => {
    const bytes = randomBytes(12 * MIB + 12_345, seed);
    const upload = await createUpload(server, bytes.length);
    const parts = cut(bytes, seed);
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let part = parts.pop(); part; part = parts.pop()) await storeChunk(upload, part.start, part.bytes);
    }));
    assert.deepEqual((await status(upload)).json.received, [[0, bytes.length]]);
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
    assert.equal(sha256Hex((await content(upload)).body), sha256Hex(bytes));
  });
}

test("received ranges are joined where they touch, and sorted", async () => {
  const bytes = randomBytes(6 * UNIT);
  const upload = await createUpload(server, bytes.length);
  for (const unit of [5, 0, 3, 1]) await storeChunk(upload, unit * UNIT, bytes.subarray(unit * UNIT, (unit + 1) * UNIT));
  const { received, receivedBytes } = (await status(upload)).json;
  assert.deepEqual(received, [[0, 2 * UNIT], [3 * UNIT, 4 * UNIT], [5 * UNIT, 6 * UNIT]]);
  assert.equal(receivedBytes, 4 * UNIT);
});

for (const size of [1, UNIT - 1, UNIT, UNIT + 1, 2 * UNIT]) {
  test(`a file of ${size} bytes arrives`, async () => {
    const bytes = randomBytes(size, size);
    const upload = await createUpload(server, size);
    await storeChunk(upload, 0, bytes);
    assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
    assert.deepEqual((await content(upload)).body, bytes);
  });
}

test("a chunk of the largest length is taken", async () => {
  const bytes = randomBytes(64 * MIB);
  const upload = await createUpload(server, bytes.length);
  await storeChunk(upload, 0, bytes);
  assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
});
