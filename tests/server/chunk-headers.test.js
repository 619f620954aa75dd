// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, contentDigest, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { createUpload, putChunk, request, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const size = 3 * UNIT + 100;
const bytes = randomBytes(UNIT);
const upload = await createUpload(server, size);

/** Sends the first unit with one header changed; nothing may be stored by it. */
const putWith = async (/** @type {import("../support/protocol.js").Headers} */ headers, body = bytes) => {
  const answer = await putChunk(upload, 0, body, headers);
  assert.deepEqual((await status(upload)).json.received, [], "something was stored");
  return answer;
};

for (const value of [
  undefined,
  "",
  "bytes",
  `bytes 0-${UNIT - 1}`,
  `bytes 0-${UNIT - 1}/*`,
  `bytes */${size}`,
  `bytes=0-${UNIT - 1}/${size}`,
  `bytes  0-${UNIT - 1}/${size}`,
  `bytes 0 - ${UNIT - 1}/${size}`,
  `bytes 0-${UNIT - 1} / ${size}`,
  `bytes -0-${UNIT - 1}/${size}`,
  `bytes +0-${UNIT - 1}/${size}`,
  `bytes 0x0-${UNIT - 1}/${size}`,
  `items 0-${UNIT - 1}/${size}`,
  `bytes ${UNIT - 1}-0/${size}`,
  `bytes 0-${size}/${size}`,
  `bytes 0-${UNIT - 1}/${size}, 5-9/${size}`,
  `bytes 0-18446744073709551615/18446744073709551615`,
  `bytes 99999999999999999999999-99999999999999999999999/999999999999999999999999`,
  "\u00ff\u00fe",
  "9".repeat(4000),
]) {
  test(`Content-Range ${JSON.stringify(value?.slice(0, 80))} is an invalid request`, async () => {
    assertProblem(await putWith({ "content-range": value }), "invalid-request");
  });
}

test("two Content-Range headers are an invalid request", async () => {
  const values = [`bytes 0-${UNIT - 1}/${size}`, `bytes ${UNIT}-${2 * UNIT - 1}/${size}`];
  assertProblem(await putWith({ "content-range": values }), "invalid-request");
});

for (const [what, range, length] of /** @type {[string, string, number][]} */ ([
  ["a start that is no multiple of the unit", `bytes 1-${UNIT}/${size}`, UNIT],
  ["an end that is no multiple of the unit", `bytes 0-99/${size}`, 100],
  ["an end one short of the file's", `bytes ${3 * UNIT}-${size - 2}/${size}`, 99],
  ["another total", `bytes 0-${UNIT - 1}/${size + 1}`, UNIT],
  ["a range behind the end", `bytes ${4 * UNIT}-${5 * UNIT - 1}/${5 * UNIT}`, UNIT],
  ["a range far behind the end", `bytes 9007199254675456-9007199254740990/9007199254740991`, UNIT - 1],
])) {
  test(`${what} is no chunk of this upload`, async () => {
    const body = randomBytes(length);
    const headers = { "content-range": range, "content-length": length, "content-digest": contentDigest(body) };
    assertProblem(await putWith(headers, body), "range-invalid");
  });
}

test("a chunk without a digest is refused", async () => {
  assertProblem(await putWith({ "content-digest": undefined }), "digest-required");
});

for (const value of [
  "sha-256",
  "sha-256=abc",
  "sha-256=::",
  "sha-256=:AAAA:",
  "sha-256=:!:",
  `sha-256=:${"A".repeat(44)}:`,
  `sha-256=${contentDigest(bytes).slice(9, -1)}`,
  `sha-256=:${Buffer.from(bytes.subarray(0, 32)).toString("base64url")}:x`,
  "sha-256=(1 2)",
  "=::",
  ",",
  "\u00ff",
  ":".repeat(5000),
]) {
  test(`Content-Digest ${JSON.stringify(value.slice(0, 60))} is an invalid request`, async () => {
    assertProblem(await putWith({ "content-digest": value }), "invalid-request");
  });
}

for (const value of ["sha-512=:AAAA:", "md5=:AAAA:, crc32c=:AAAA:", "sha256-x=:AAAA:"]) {
  test(`Content-Digest ${value} is answered with the algorithm that is wanted`, async () => {
    const answer = await putWith({ "content-digest": value });
    assertProblem(answer, "digest-unsupported");
    assert.match(String(answer.headers["want-content-digest"]), /^sha-256=\d+$/);
  });
}

test("a digest of the bytes beside others is enough", async () => {
  const other = await createUpload(server, UNIT);
  await storeChunk(other, 0, bytes, { "content-digest": `md5=:AAAA:, ${contentDigest(bytes)};q=1` });
});

test("a chunk of unknown length is refused", async () => {
  const answer = await putWith({ "content-length": undefined, "transfer-encoding": "chunked" });
  assertProblem(answer, "length-required");
});

test("a chunk longer than the largest is refused with the limit", async () => {
  const large = await createUpload(server, 80 << 20);
  const answer = await putChunk(large, 0, Buffer.alloc((64 << 20) + UNIT));
  assert.equal(assertProblem(answer, "too-large").limit, 64 << 20);
  assert.deepEqual((await status(large)).json.received, []);
});

test("a PUT beside /data is not allowed, and the answer says what is", async () => {
  const answer = await request(upload.url, { method: "PUT", body: bytes });
  assertProblem(answer, "method-not-allowed");
  assert.match(String(answer.headers.allow), /\bGET\b/);
});
