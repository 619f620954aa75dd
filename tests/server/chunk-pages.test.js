// @ts-check
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { after, test } from "node:test";
import { UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { chunks, complete, createUpload, createWith, putChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
after(() => agent.destroy());

/** Stores `count` chunks of one unit each. */
async function uploadOf(/** @type {number} */ count) {
  const upload = await createUpload(server, count * UNIT);
  const unit = Buffer.alloc(UNIT);
  const answers = await Promise.all(Array.from({ length: count }, (_, i) => putChunk(upload, i * UNIT, unit, {}, agent)));
  assert.ok(answers.every(({ status }) => status === 204));
  return upload;
}

test("chunks are listed with their digests by rising offset, as they were sent", async () => {
  const bytes = randomBytes(3 * UNIT + 5);
  const upload = await createUpload(server, bytes.length);
  const ranges = [[3 * UNIT, 3 * UNIT + 5], [0, UNIT], [UNIT, 3 * UNIT]];
  for (const [start, end] of ranges) await putChunk(upload, start, bytes.subarray(start, end));
  const page = await chunks(upload);
  assert.equal(page.status, 200);
  const expected = [ranges[1], ranges[2], ranges[0]].map(([start, end]) => ({ start, end, sha256: sha256Hex(bytes.subarray(start, end)) }));
  assert.deepEqual(page.json, { chunks: expected, next: null });
});

test("an upload without chunks has an empty page", async () => {
  assert.deepEqual((await chunks(await createUpload(server, UNIT))).json, { chunks: [], next: null });
});

test("pages have 1,000 chunks, and lead from one to the next until all were seen", async () => {
  const upload = await uploadOf(2500);
  const sizes = [];
  const starts = [];
  for (let from = 0; from !== null; ) {
    const page = (await chunks(upload, from)).json;
    sizes.push(page.chunks.length);
    starts.push(...page.chunks.map((/** @type {{start: number}} */ { start }) => start));
    from = page.next;
  }
  assert.deepEqual(sizes, [1000, 1000, 500]);
  assert.deepEqual(starts, Array.from({ length: 2500 }, (_, i) => i * UNIT));
});

test("exactly 1,000 chunks are one page", async () => {
  const { json } = await chunks(await uploadOf(1000));
  assert.deepEqual([json.chunks.length, json.next], [1000, null]);
});

test("a page starts at the first chunk that starts at or after `from`", async () => {
  const upload = await createWith(server, Buffer.alloc(4 * UNIT), { chunk: 2 * UNIT });
  const startsFrom = async (/** @type {number} */ from) => (await chunks(upload, from)).json.chunks.map((/** @type {any} */ { start }) => start);
  assert.deepEqual(await startsFrom(2 * UNIT), [2 * UNIT]);
  assert.deepEqual(await startsFrom(1), [2 * UNIT]);
  assert.deepEqual(await startsFrom(4 * UNIT), []);
  assert.deepEqual(await startsFrom(Number.MAX_SAFE_INTEGER), []);
});

for (const from of ["-1", "x", "1.5", "", "18446744073709551616", "0%00", "1&from=2"]) {
  test(`from=${from} is an invalid request`, async () => {
    assertProblem(await chunks(await createUpload(server, 1), from), "invalid-request");
  });
}

test("a complete upload still lists its chunks", async () => {
  const upload = await createWith(server, Buffer.alloc(2 * UNIT), { chunk: UNIT });
  await complete(upload);
  assert.equal((await chunks(upload)).json.chunks.length, 2);
});
