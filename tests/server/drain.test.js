// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MIB, randomBytes } from "../support/bytes.js";
import { cancel, chunkHeaders, createUpload, createWith, patch } from "../support/protocol.js";
import { head, rawConnection } from "../support/raw-connection.js";
import { startServer } from "../support/server.js";

const token = "drain-token";
const server = await startServer({ args: ["--auth-token", token] });
after(() => server.stop());

/** Long enough for an answer that waits for nothing to be there. */
const EARLY_MS = 300;
const authorization = `Bearer ${token}`;
const bytes = randomBytes(32 * MIB);

const empty = () => createUpload(server, bytes.length, { headers: { authorization } });
const stored = (/** @type {Buffer} */ what) => createWith(server, what, { size: bytes.length, headers: { authorization } });
const paused = async () => {
  const upload = await empty();
  await patch(upload, "paused", { authorization });
  return upload;
};
const gone = async () => {
  const upload = await empty();
  await cancel(upload, { authorization });
  return upload;
};

/**
 * What the answer shall be, the upload, and what is wrong with the request.
 * @type {[string, () => Promise<import("../support/protocol.js").Upload>, Record<string, string | undefined>][]}
 */
const refused = [
  ["400 digest-required", empty, { "content-digest": undefined }],
  ["400 digest-mismatch", empty, { "content-digest": `sha-256=:${Buffer.alloc(32).toString("base64")}:` }],
  ["400 digest-unsupported", empty, { "content-digest": "md5=:AAAA:" }],
  ["400 invalid-request", empty, { "content-range": "bytes" }],
  ["401 unauthorized", empty, { authorization: "Bearer wrong" }],
  ["403 forbidden", empty, { origin: "http://evil.example" }],
  ["404 upload-not-found", async () => ({ ...(await empty()), url: `${server.url}/uploads/${"0".repeat(32)}` }), {}],
  ["409 chunk-conflict", () => stored(randomBytes(bytes.length, 2)), {}],
  ["409 chunk-overlap", () => stored(bytes.subarray(0, MIB)), {}],
  ["409 upload-paused", paused, {}],
  ["410 upload-gone", gone, {}],
  ["416 range-invalid", empty, { "content-range": `bytes 0-${bytes.length - 1}/${bytes.length + 1}` }],
];

for (const [expected, enter, wrong] of refused) {
  test(`${expected} is seen by a client that writes all of its body before it reads`, async () => {
    const upload = await enter();
    const connection = await rawConnection(server);
    await connection.send(putHead(upload, wrong));
    await connection.send(bytes.subarray(0, bytes.length - 1));
    await sleep(EARLY_MS);
    assert.equal(connection.received(), "", "the answer came before the body was sent");
    await connection.send(bytes.subarray(bytes.length - 1));
    const answer = await connection.readToEnd();
    const [status, code] = expected.split(" ");
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(answer, new RegExp(`"code":\\s*"${code}"`));
    connection.close();
  });
}

test("a client that waits for 100 (Continue) gets the answer without sending its body", async () => {
  const connection = await rawConnection(server);
  await connection.send(putHead(await empty(), { "content-digest": undefined, expect: "100-continue" }));
  assert.match(await connection.readToEnd(), /^HTTP\/1\.1 400 /);
  connection.close();
});

test("a refused body that stands still is waited for no longer than 10 s", async () => {
  const connection = await rawConnection(server);
  await connection.send(putHead(await empty(), { "content-digest": undefined }));
  await connection.send(bytes.subarray(0, MIB));
  const start = Date.now();
  await connection.readToEnd().catch(() => {});
  const seconds = (Date.now() - start) / 1000;
  assert.ok(seconds > 8 && seconds < 15, `after ${seconds} s`);
  connection.close();
});

/**
 * @param {import("../support/protocol.js").Upload} upload
 * @param {Record<string, string | undefined>} wrong
 */
function putHead(upload, wrong) {
  const headers = { host: `127.0.0.1:${server.port}`, connection: "close", authorization, ...chunkHeaders(upload, 0, bytes), ...wrong };
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  return head(`PUT ${new URL(upload.url).pathname}/data HTTP/1.1`, Object.fromEntries(present));
}
