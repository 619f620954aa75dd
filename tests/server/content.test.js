// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { MIB, UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { complete, content, createWith, request } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(3 * MIB + 3);
const upload = await createWith(server, bytes, { name: "视频一.mp4", type: "text/html" });
await complete(upload);

test("the whole file, as a download that no browser runs", async () => {
  const { status, headers, body } = await content(upload);
  assert.equal(status, 200);
  assert.ok(body.equals(bytes));
  assert.equal(headers["content-length"], String(bytes.length));
  assert.equal(headers["accept-ranges"], "bytes");
  assert.match(String(headers["content-disposition"]), /^attachment; .*filename\*=UTF-8''%E8%A7%86%E9%A2%91%E4%B8%80\.mp4/);
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.match(String(headers["content-security-policy"]), /\bsandbox\b/);
  assert.match(String(headers["etag"]), /^"[\x21\x23-\x7e]+"$/);
});

for (const [range, start, end] of /** @type {[string, number, number][]} */ ([
  ["bytes=0-0", 0, 1],
  ["bytes=0-", 0, bytes.length],
  [`bytes=${UNIT}-${2 * UNIT}`, UNIT, 2 * UNIT + 1],
  [`bytes=100-99999999999`, 100, bytes.length],
  ["bytes=-5", bytes.length - 5, bytes.length],
  ["bytes=-99999999999", 0, bytes.length],
  [`bytes=${bytes.length - 1}-`, bytes.length - 1, bytes.length],
])) {
  test(`${range} is that part of it`, async () => {
    const { status, headers, body } = await content(upload, { range });
    assert.equal(status, 206);
    assert.equal(headers["content-range"], `bytes ${start}-${end - 1}/${bytes.length}`);
    assert.ok(body.equals(bytes.subarray(start, end)));
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.match(String(headers["content-disposition"]), /^attachment/);
  });
}

for (const range of [`bytes=${bytes.length}-`, "bytes=-0", "bytes=99999999999999-"]) {
  test(`${range} lies outside of it`, async () => {
    const answer = await content(upload, { range });
    assertProblem(answer, "range-invalid");
    assert.equal(answer.headers["content-range"], `bytes */${bytes.length}`);
  });
}

for (const range of ["bytes", "bytes=", "bytes=x", "bytes=5-4", "lines=1-2", "bytes=99999999999999999999999-", "\u00ff"]) {
  // RFC 9110, 14.2: a server may pass over an invalid Range or refuse it.
  test(`the invalid Range ${JSON.stringify(range)} is passed over or refused`, async () => {
    const answer = await content(upload, { range });
    if (answer.status === 200) assert.ok(answer.body.equals(bytes));
    else assertProblem(answer, "range-invalid");
  });
}

test("several ranges get the whole file, or each of them", async () => {
  const { status, headers, body } = await content(upload, { range: "bytes=0-0,5-9" });
  if (status === 200) assert.ok(body.equals(bytes));
  else assert.match(`${status} ${headers["content-type"]}`, /^206 multipart\/byteranges/);
});

test("If-Range gives the part for the same file only", async () => {
  const etag = String((await content(upload)).headers.etag);
  assert.equal((await content(upload, { range: "bytes=0-9", "if-range": etag })).status, 206);
  assert.equal((await content(upload, { range: "bytes=0-9", "if-range": '"other"' })).status, 200);
});

test("HEAD tells the length", async () => {
  const { status, headers, body } = await request(`${upload.url}/content`, { method: "HEAD" });
  assert.deepEqual([status, headers["content-length"], body.length], [200, String(bytes.length), 0]);
});

test("an empty file has no range", async () => {
  const empty = await createWith(server, Buffer.alloc(0));
  await complete(empty);
  assert.deepEqual([(await content(empty)).status, (await content(empty)).body.length], [200, 0]);
  assertProblem(await content(empty, { range: "bytes=0-0" }), "range-invalid");
});
