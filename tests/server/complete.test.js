// @ts-check
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { after, test } from "node:test";
import { MIB, UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { chunks, complete, content, createUpload, createWith, patch, putChunk, request, sendJson, status, storeChunk, storeEverySecondUnit } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { RENAMES, injecting } from "../support/strace.js";
import { until } from "../support/until.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(3 * UNIT + 7);
const digestOf = (/** @type {Buffer} */ bytes) => ({ digest: { "sha-256": sha256Hex(bytes) } });

test("completing answers with the whole file's digest, and is repeatable", async () => {
  const upload = await createWith(server, bytes, { chunk: UNIT });
  const first = await complete(upload);
  assert.equal(first.status, 200);
  assert.deepEqual(first.json.digest, digestOf(bytes).digest);
  assert.deepEqual([first.json.state, first.json.expires, first.json.receivedBytes], ["complete", null, bytes.length]);
  assert.deepEqual((await complete(upload)).json, first.json);
  assert.deepEqual((await status(upload)).json, first.json);
});

test("completing at the same time gives every caller the same answer", async () => {
  const upload = await createWith(server, bytes);
  const answers = await Promise.all([1, 2, 3, 4].map(() => complete(upload)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(answers.map(({ body }) => body.toString())).size, 1);
});

test("the digest that the client computed is compared", async () => {
  const upload = await createWith(server, bytes);
  assert.equal((await complete(upload, digestOf(bytes))).json.state, "complete");
  assert.equal((await complete(upload, digestOf(bytes))).status, 200);
});

test("upper-case digits of the digest are as good", async () => {
  const upload = await createWith(server, bytes);
  assert.equal((await complete(upload, { digest: { "sha-256": sha256Hex(bytes).toUpperCase() } })).status, 200);
});

test("another digest opens the upload again and drops nothing", async () => {
  const upload = await createWith(server, bytes, { chunk: UNIT });
  const before = [(await status(upload)).json.received, (await chunks(upload)).json];
  const answer = await complete(upload, digestOf(Buffer.from("other")));
  // Sending the same again changes nothing.
  assertProblem(answer, "digest-mismatch", { retryable: false });
  assert.ok(!answer.body.toString().includes(sha256Hex(bytes)), "the server's digest is told");
  const after = (await status(upload)).json;
  assert.equal(after.state, "open");
  assert.deepEqual([after.received, (await chunks(upload)).json], before);
  assert.equal((await complete(upload, digestOf(bytes))).status, 200);
});

test("another digest is refused on a complete upload too, which stays complete", async () => {
  const upload = await createWith(server, bytes);
  await complete(upload);
  assertProblem(await complete(upload, digestOf(Buffer.from("other"))), "digest-mismatch", { retryable: false });
  assert.equal((await status(upload)).json.state, "complete");
});

test("what is missing is listed", async () => {
  const upload = await createUpload(server, bytes.length);
  await storeChunk(upload, UNIT, bytes.subarray(UNIT, 2 * UNIT));
  const answer = await complete(upload);
  assert.deepEqual(assertProblem(answer, "incomplete").missing, [[0, UNIT], [2 * UNIT, bytes.length]]);
  assert.equal((await status(upload)).json.state, "open");
});

test("at most 1,000 missing ranges are listed", async () => {
  const upload = await createUpload(server, 2100 * UNIT);
  await storeEverySecondUnit(upload, 1050);
  const { missing } = assertProblem(await complete(upload), "incomplete");
  assert.equal(missing.length, 1000);
  assert.deepEqual([missing[0], missing[999]], [[UNIT, 2 * UNIT], [1999 * UNIT, 2000 * UNIT]]);
});

test("while paused a full upload is completed", async () => {
  const upload = await createWith(server, bytes);
  await patch(upload, "paused");
  assert.equal((await complete(upload)).json.state, "complete");
});

test("completeWhenFull: the chunk that fills the file completes it", async () => {
  const upload = await createUpload(server, bytes.length, { completeWhenFull: true });
  await storeChunk(upload, UNIT, bytes.subarray(UNIT));
  const last = await putChunk(upload, 0, bytes.subarray(0, UNIT));
  assert.equal(last.status, 200);
  assert.deepEqual([last.json.state, last.json.digest], ["complete", digestOf(bytes).digest]);
  assert.deepEqual((await content(upload)).body, bytes);
});

test("completeWhenFull: chunks that fill the file together complete it once", async () => {
  const upload = await createUpload(server, bytes.length, { completeWhenFull: true });
  const answers = await Promise.all([0, 1, 2, 3].map((unit) => {
    return putChunk(upload, unit * UNIT, bytes.subarray(unit * UNIT, (unit + 1) * UNIT));
  }));
  assert.ok(answers.every(({ status }) => [200, 202, 204].includes(status)), String(answers.map(({ status }) => status)));
  assert.ok(answers.some(({ status }) => status !== 204), "none told of the completion");
  await until("it is complete", async () => (await status(upload)).json.state === "complete");
});

test("finishing renames the file: its inode stays, and no second copy is made", async () => {
  const upload = await createWith(server, bytes);
  const [before] = storedFiles(server, upload);
  const { ino } = statSync(before);
  await complete(upload);
  const found = storedFiles(server, upload);
  assert.equal(found.length, 1);
  assert.equal(statSync(found[0]).ino, ino);
  assert.ok(found[0].endsWith(`/files/${upload.id.slice(0, 2)}/${upload.id.slice(2, 4)}/${upload.id}`), found[0]);
});

for (const body of ["{", "[]", '{"digest": 1}', '{"digest": {"sha-256": "abc"}}', '{"digest": {"md5": "abc"}}', '{"force": true}']) {
  test(`completing with ${body} is an invalid request`, async () => {
    const upload = await createWith(server, bytes);
    assertProblem(await sendJson(`${upload.url}/complete`, "POST", body), "invalid-request");
    assert.equal((await status(upload)).json.state, "open");
  });
}

test("completing must be JSON", async () => {
  const upload = await createWith(server, bytes);
  assertProblem(await request(`${upload.url}/complete`, { method: "POST" }), "unsupported-media-type");
});

test("a long completion answers 202 while others are served, and is complete in the end", async () => {
  const slow = await startServer({ wrapper: injecting(RENAMES, "delay_enter=8s") });
  try {
    const large = randomBytes(4 * MIB);
    const upload = await createWith(slow, large);
    const [first, second] = await Promise.all([complete(upload), complete(upload)]);
    assert.deepEqual([first.status, first.json.state, second.status], [202, "completing", 202]);
    const asked = Date.now();
    assert.equal((await status(upload)).json.state, "completing");
    assert.equal((await createUpload(slow, 1)).size, 1);
    assert.ok(Date.now() - asked < 1000, "others wait for the completion");
    await until("it is complete", async () => (await status(upload)).json.state === "complete");
    const again = await complete(upload);
    assert.deepEqual([again.status, again.json.digest], [200, digestOf(large).digest]);
  } finally {
    await slow.kill9();
  }
});
