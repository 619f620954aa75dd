// @ts-check
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MIB, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { contentHeaders, create, createWithContent, request, uploadCreate } from "../support/protocol.js";
import { head, rawConnection } from "../support/raw-connection.js";
import { startServer } from "../support/server.js";

const token = "content-token";
const listed = "https://app.example";
const server = await startServer({ args: ["--auth-token", token, "--cors-origin", listed, "--max-size", "100MiB"] });
after(() => server.stop());

const authorization = `Bearer ${token}`;
const bytes = randomBytes(5000);
const valid = JSON.stringify({ size: bytes.length, name: "a" });
const longest = { size: bytes.length, name: "a", metadata: { a: "" } };
longest.metadata.a = "x".repeat(4096 - JSON.stringify(longest).length);

/**
 * What is wrong with the headers, and the answer.
 * @type {Record<string, [Record<string, string | string[] | undefined>, string]>}
 */
const refused = {
  "without Upload-Create": [{ "upload-create": undefined }, "invalid-request"],
  "with two Upload-Create": [{ "upload-create": [uploadCreate(valid), uploadCreate(valid)] }, "invalid-request"],
  "with bare JSON in Upload-Create": [{ "upload-create": valid }, "invalid-request"],
  "with an Upload-Create that does not end": [{ "upload-create": uploadCreate(valid).slice(0, -1) }, "invalid-request"],
  "with an Upload-Create that is no JSON": [{ "upload-create": uploadCreate("{") }, "invalid-request"],
  "with an Upload-Create that is no UTF-8": [{ "upload-create": `:${Buffer.from('{"size":5000,"name":"\xff"}', "latin1").toString("base64")}:` }, "invalid-request"],
  "with an Upload-Create that is no object": [{ "upload-create": uploadCreate('[5000,"a"]') }, "invalid-request"],
  "with an empty Upload-Create": [{ "upload-create": "::" }, "invalid-request"],
  "with an unknown member": [{ "upload-create": uploadCreate('{"size":5000,"name":"a","x":1}') }, "invalid-request"],
  "without a name": [{ "upload-create": uploadCreate('{"size":5000}') }, "invalid-request"],
  "without a key": [{ "idempotency-key": undefined }, "invalid-request"],
  "with two keys": [{ "idempotency-key": ['"a"', '"b"'] }, "invalid-request"],
  "without a digest": [{ "content-digest": undefined }, "digest-required"],
  "with another digest": [{ "content-digest": "md5=:AAAA:" }, "digest-unsupported"],
  "with a malformed digest": [{ "content-digest": "sha-256=:AAAA:" }, "invalid-request"],
  "with a body longer than the size": [{ "upload-create": uploadCreate('{"size":4999,"name":"a"}') }, "invalid-request"],
  "with a body shorter than the size": [{ "upload-create": uploadCreate('{"size":5001,"name":"a"}') }, "invalid-request"],
  "for an empty file": [{ "upload-create": uploadCreate('{"size":0,"name":"a"}') }, "invalid-request"],
  "for a file beyond the limit": [{ "upload-create": uploadCreate('{"size":104857601,"name":"a"}') }, "too-large"],
  "without a length": [{ "content-length": undefined, "transfer-encoding": "chunked" }, "length-required"],
  "of another type": [{ "content-type": "image/png" }, "unsupported-media-type"],
  "without a type": [{ "content-type": undefined }, "unsupported-media-type"],
  "without credentials": [{ authorization: undefined }, "unauthorized"],
};

for (const [what, [headers, code]] of Object.entries(refused)) {
  test(`${what}: ${code}, and nothing is made`, async () => {
    const key = { "idempotency-key": `"${what.replaceAll(" ", "-")}"` };
    const answer = await createWithContent(server, bytes, { headers: { authorization, ...key, ...headers } });
    assertProblem(answer, code);
    assert.equal(answer.headers.location, undefined);
    assert.deepEqual(readdirSync(join(server.dataDir, "unfinished")), []);
    const right = await createWithContent(server, bytes, { headers: { authorization, ...key }, completeWhenFull: true });
    assert.equal(right.status, 201, "the key is free");
  });
}

test("a file that is too long for one chunk: the limit is told", async () => {
  const answer = await createWithContent(server, Buffer.alloc(64 * MIB + 1), { headers: { authorization, connection: "close" } });
  assert.equal(assertProblem(answer, "too-large").limit, 64 * MIB);
});

test("the longest chunk can be sent along", async () => {
  const answer = await createWithContent(server, Buffer.alloc(64 * MIB, 7), { headers: { authorization }, completeWhenFull: true });
  assert.equal(answer.status, 201, answer.body.toString());
  assert.equal(answer.json.receivedBytes, 64 * MIB);
});

test("4 KiB of JSON are taken; of more it is said to create with a JSON body, which then works", async () => {
  const more = { ...longest, metadata: { a: `${longest.metadata.a}x` } };
  const headers = { authorization };
  const taken = await createWithContent(server, bytes, { headers, ...longest });
  assert.equal(taken.status, 201, taken.body.toString());
  const answer = await createWithContent(server, bytes, { headers, ...more });
  assert.match(assertProblem(answer, "invalid-request").detail, /JSON body/);
  assert.equal((await create(server, more, headers)).status, 201);
});

for (const [flags, code] of /** @type {[string[], string][]} */ ([[["--min-free", "100%"], "insufficient-storage"], [["--max-open", "0"], "rate-limited"]])) {
  test(`${flags.join(" ")}: ${code}, and nothing is made`, async () => {
    const limited = await startServer({ args: flags });
    for (const size of [5000, MIB]) {
      const answer = await createWithContent(limited, randomBytes(size));
      assertProblem(answer, code);
      assert.equal(answer.headers.location, undefined);
    }
    assert.deepEqual(readdirSync(join(limited.dataDir, "unfinished")), []);
    await limited.stop();
  });
}

test("a type with parameters is taken", async () => {
  const headers = { authorization, "content-type": "Application/Octet-Stream; x=1" };
  assert.equal((await createWithContent(server, bytes, { headers, completeWhenFull: true })).status, 201);
});

test("a page of another origin needs a preflight, is let in where it is listed, and sees the Location", async () => {
  const preflight = await request(`${server.url}/uploads`, {
    method: "OPTIONS",
    headers: { origin: listed, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-digest,content-type,idempotency-key,upload-create" },
  });
  assert.equal(preflight.status, 204);
  assert.match(String(preflight.headers["access-control-allow-headers"]), /\bUpload-Create\b/i);
  const key = { "idempotency-key": '"cross-origin"' };
  const made = await createWithContent(server, bytes, { headers: { authorization, origin: listed, ...key } });
  const conflict = await createWithContent(server, randomBytes(bytes.length, 2), { headers: { authorization, origin: listed, ...key } });
  assertProblem(conflict, "chunk-conflict");
  for (const { headers } of [made, conflict]) {
    assert.equal(headers["access-control-allow-origin"], listed);
    assert.match(String(headers["access-control-expose-headers"]), /\bLocation\b/);
    assert.ok(headers.location);
  }
  assertProblem(await createWithContent(server, bytes, { headers: { authorization, origin: "https://evil.example" } }), "forbidden");
});

/** Long enough for an answer that waits for nothing to be there. */
const EARLY_MS = 300;
const big = randomBytes(64 * MIB);
const known = { "idempotency-key": '"drained"' };

/** @type {[string, Record<string, string | undefined>][]} */
const drained = [
  ["400 invalid-request", { "upload-create": undefined }],
  ["400 invalid-request", { "idempotency-key": undefined }],
  ["400 digest-required", { "content-digest": undefined }],
  ["401 unauthorized", { authorization: undefined }],
  ["403 forbidden", { origin: "https://evil.example" }],
  ["413 too-large", { "upload-create": uploadCreate(`{"size":${200 * MIB},"name":"a"}`) }],
  ["415 unsupported-media-type", { "content-type": "text/plain" }],
  ["422 idempotency-key-reused", known],
];

for (const [expected, wrong] of drained) {
  test(`${expected} (${Object.keys(wrong)}) is seen by a client that writes all of 64 MiB before it reads`, async () => {
    await create(server, { size: 1, name: "b" }, { authorization, ...known });
    const headers = { host: `127.0.0.1:${server.port}`, connection: "close", authorization, ...contentHeaders(big), ...wrong };
    const present = Object.entries(headers).filter(([, value]) => value !== undefined);
    const connection = await rawConnection(server);
    await connection.send(head("POST /uploads HTTP/1.1", Object.fromEntries(present)));
    await connection.send(big.subarray(0, big.length - 1));
    await sleep(EARLY_MS);
    assert.equal(connection.received(), "", "the answer came before the body was sent");
    await connection.send(big.subarray(big.length - 1));
    const answer = await connection.readToEnd();
    const [status, code] = expected.split(" ");
    assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(answer, new RegExp(`"code":\\s*"${code}"`));
    connection.close();
  });
}
