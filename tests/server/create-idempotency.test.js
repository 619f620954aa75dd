// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { cancel, create, createUpload, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const json = { size: 2 * UNIT, name: "a.bin", metadata: { a: "1", b: "2" } };

test("the same key and JSON again is the same upload with its present status", async () => {
  const key = { "idempotency-key": '"again"' };
  const upload = await createUpload(server, json.size, { ...json, headers: key });
  await storeChunk(upload, 0, randomBytes(UNIT));
  const again = await create(server, json, key);
  assert.equal(again.status, 200);
  assert.equal(new URL(String(again.headers.location), server.url).href, upload.url);
  assert.deepEqual(again.json.received, [[0, UNIT]]);
});

test("simultaneous posts with one key make one upload", async () => {
  const key = { "idempotency-key": '"simultaneous"' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => create(server, json, key)));
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 200).length, 19);
  assert.equal(new Set(answers.map((answer) => answer.json.id)).size, 1);
});

test("simultaneous posts with one key and different JSON make one upload", async () => {
  const key = { "idempotency-key": '"rivals"' };
  const answers = await Promise.all([1, 2, 3, 4].map((size) => create(server, { size, name: "a" }, key)));
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 422, 422, 422]);
});

for (const [what, other] of Object.entries({
  size: { ...json, size: 1 },
  name: { ...json, name: "b.bin" },
  type: { ...json, type: "text/plain" },
  metadata: { ...json, metadata: { a: "1", b: "3" } },
  completeWhenFull: { ...json, completeWhenFull: true },
})) {
  test(`the same key with another ${what} is refused`, async () => {
    const key = { "idempotency-key": `"other-${what}"` };
    assert.equal((await create(server, json, key)).status, 201);
    assertProblem(await create(server, other, key), "idempotency-key-reused");
  });
}

test("the key of a cancelled upload does not bring it back", async () => {
  const key = { "idempotency-key": '"cancelled"' };
  await cancel(await createUpload(server, json.size, { ...json, headers: key }));
  assertProblem(await create(server, json, key), "upload-gone");
});

test("a refused create leaves its key free", async () => {
  const key = { "idempotency-key": '"refused-first"' };
  assertProblem(await create(server, { size: -1, name: "a" }, key), "invalid-request");
  assert.equal((await create(server, json, key)).status, 201);
});

test("without a key every post makes an upload", async () => {
  const none = { "idempotency-key": undefined };
  const [first, second] = [await create(server, json, none), await create(server, json, none)];
  assert.deepEqual([first.status, second.status], [201, 201]);
  assert.notEqual(first.json.id, second.json.id);
});

for (const [what, key] of Object.entries({
  "of 255 characters": `"${"k".repeat(253)}"`,
  "without quotes": "8e03978e-40d5-43dd-bc93-6894a57f9324",
})) {
  test(`a key ${what} is taken`, async () => {
    assert.equal((await create(server, json, { "idempotency-key": key })).status, 201);
  });
}

for (const [what, key] of Object.entries({
  "that is empty": "",
  "that is too long": "k".repeat(10_000),
  "beyond ASCII": "k\u00e9y",
})) {
  test(`a key ${what} is an invalid request`, async () => {
    assertProblem(await create(server, json, { "idempotency-key": key }), "invalid-request");
  });
}

test("two different keys in one request are an invalid request", async () => {
  assertProblem(await create(server, json, { "idempotency-key": ['"one"', '"two"'] }), "invalid-request");
});
