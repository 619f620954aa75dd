// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { create, createUpload, request, sendJson, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

test("a created upload is open, empty, and at the place that Location names", async () => {
  const answer = await create(server, { size: 3 * UNIT + 1, name: "a.bin", type: "video/mp4", metadata: { album: "7" } });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers["content-type"], "application/json");
  const { id, expires, ...rest } = answer.json;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal(answer.headers.location, `/uploads/${id}`);
  assert.deepEqual(rest, {
    state: "open",
    size: 3 * UNIT + 1,
    name: "a.bin",
    type: "video/mp4",
    metadata: { album: "7" },
    received: [],
    receivedBytes: 0,
    receiving: [],
    chunk: { unit: UNIT, max: 64 << 20 },
    digest: null,
  });
  assert.match(expires, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const days = (Date.parse(expires) - Date.now()) / 86_400_000;
  assert.ok(days > 6.9 && days <= 7, `expires in ${days} days`);
});

test("the status of a new upload is what its creation answered", async () => {
  const created = await create(server, { size: 10, name: "a.bin" });
  assert.deepEqual((await request(server.url + created.headers.location)).json, created.json);
});

test("what is left out is null or empty", async () => {
  const { json } = await create(server, { size: 10, name: "a.bin" });
  assert.equal(json.type, null);
  assert.deepEqual(json.metadata, {});
});

test("the unit grows with the file", async () => {
  const { json } = await create(server, { size: 100_000 * UNIT + 1, name: "large.bin" });
  assert.deepEqual(json.chunk, { unit: 2 * UNIT, max: 64 << 20 });
});

for (const [what, body] of /** @type {[string, unknown][]} */ ([
  ["no JSON", "{"],
  ["nothing", ""],
  ["an empty array", []],
  ["an array of the members", [1, "a", null, {}, false]],
  ["a number", "7"],
  ["trailing text", '{"size": 1, "name": "a"} more'],
  ["invalid UTF-8 escapes", '{"size": 1, "name": "\\ud800"}'],
  ["no size", { name: "a" }],
  ["no name", { size: 1 }],
  ["a negative size", { size: -1, name: "a" }],
  ["a fraction as size", { size: 1.5, name: "a" }],
  ["a size of 1.0", '{"size": 1.0, "name": "a"}'],
  ["a size with an exponent", '{"size": 1e3, "name": "a"}'],
  ["a size of 2^64", '{"size": 18446744073709551616, "name": "a"}'],
  ["an absurd size", '{"size": 1e300, "name": "a"}'],
  ["a string as size", { size: "1", name: "a" }],
  ["null as size", { size: null, name: "a" }],
  ["a number as name", { size: 1, name: 1 }],
  ["a number as type", { size: 1, name: "a", type: 1 }],
  ["an array as metadata", { size: 1, name: "a", metadata: [] }],
  ["a number in the metadata", { size: 1, name: "a", metadata: { k: 1 } }],
  ["a string as completeWhenFull", { size: 1, name: "a", completeWhenFull: "yes" }],
  ["an unknown member", { size: 1, name: "a", path: "/etc/passwd" }],
  ["a member twice", '{"size": 1, "size": 2, "name": "a"}'],
  ["deep nesting", `{"size": 1, "name": ${"[".repeat(10_000)}${"]".repeat(10_000)}}`],
])) {
  test(`a body with ${what} is an invalid request`, async () => {
    assertProblem(await create(server, body), "invalid-request");
  });
}

test("bytes that are no UTF-8 are an invalid request", async () => {
  const body = Buffer.concat([Buffer.from('{"size": 1, "name": "'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  const headers = { "content-type": "application/json" };
  assertProblem(await request(`${server.url}/uploads`, { method: "POST", headers, body }), "invalid-request");
});

for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp", "json", undefined]) {
  test(`a POST of the type ${type ?? "that is not stated"} is refused`, async () => {
    const answer = await create(server, { size: 1, name: "a" }, { "content-type": type });
    assertProblem(answer, "unsupported-media-type");
  });
}

for (const type of ["application/json; charset=utf-8", "Application/JSON"]) {
  test(`a POST of the type ${type} is taken`, async () => {
    assert.equal((await create(server, { size: 1, name: "a" }, { "content-type": type })).status, 201);
  });
}

test("metadata keys that mean something in JavaScript are plain data", async () => {
  const metadata = '{"__proto__": "x", "constructor": "y", "": "z"}';
  const created = await create(server, `{"size": 1, "name": "a", "metadata": ${metadata}}`);
  assert.equal(created.status, 201);
  assert.deepEqual(Object.entries(created.json.metadata).sort(), [["", "z"], ["__proto__", "x"], ["constructor", "y"]]);
});

test("a file of no bytes is completed by completing it", async () => {
  const upload = await createUpload(server, 0);
  assert.equal((await status(upload)).json.state, "open");
  const done = await sendJson(`${upload.url}/complete`, "POST", {});
  assert.equal(done.status, 200);
  assert.equal(done.json.state, "complete");
  assert.equal(done.json.digest["sha-256"], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  assert.equal((await request(`${upload.url}/content`)).body.length, 0);
});

test("a file of no bytes with completeWhenFull is complete from the start", async () => {
  const answer = await create(server, { size: 0, name: "empty.txt", completeWhenFull: true });
  assert.equal(answer.status, 201);
  assert.equal(answer.json.state, "complete");
  assert.equal(answer.json.expires, null);
  assert.equal((await request(`${server.url}${answer.headers.location}/content`)).status, 200);
});
