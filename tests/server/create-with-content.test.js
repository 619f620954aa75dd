// @ts-check
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { MIB, UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { chunks, complete, content, contentHeaders, create, createWithContent, locatedUpload, openPut, patch, status, storeChunk } from "../support/protocol.js";
import { head, rawConnection } from "../support/raw-connection.js";
import { startServer } from "../support/server.js";
import { until } from "../support/until.js";

/** So that no completion on a busy machine outlasts the wait for it. */
const patient = ["--complete-wait", "30s"];
const server = await startServer({ args: patient });
after(() => server.stop());

/** One that is read before anything is made of it, and one that is received as a chunk is. */
const small = randomBytes(10 * 1024 + 7);
const large = randomBytes(3 * UNIT + 7 + MIB);
const json = { name: "视频.mp4", type: "video/mp4", metadata: { album: "7" } };
const none = { "content-digest": `sha-256=:${Buffer.alloc(32).toString("base64")}:` };

/** @param {Buffer} bytes */
const wholeOf = (bytes) => [[0, bytes.length]];

for (const [what, bytes] of Object.entries({ small, large })) {
  describe(`a ${what} file`, () => {
    test("is there, whole and durable, with the 201", async () => {
      const answer = await createWithContent(server, bytes, json);
      assert.equal(answer.status, 201, answer.body.toString());
      const { state, received, digest, size, name, type, metadata } = answer.json;
      assert.deepEqual({ state, received, digest, size, name, type, metadata }, { state: "open", received: wholeOf(bytes), digest: null, size: bytes.length, ...json });
      const upload = locatedUpload(server, answer, bytes.length);
      assert.equal(upload.id, answer.json.id);
      assert.deepEqual((await status(upload)).json, answer.json);
      assert.deepEqual((await chunks(upload)).json.chunks, [{ start: 0, end: bytes.length, sha256: sha256Hex(bytes) }]);
      assert.equal((await complete(upload, { digest: { "sha-256": sha256Hex(bytes) } })).json.state, "complete");
      assert.deepEqual((await content(upload)).body, bytes);
    });

    test("is complete with the 201 where it shall be when it is full", async () => {
      const answer = await createWithContent(server, bytes, { ...json, completeWhenFull: true });
      assert.equal(answer.status, 201, answer.body.toString());
      assert.equal(answer.json.state, "complete");
      assert.deepEqual(answer.json.digest, { "sha-256": sha256Hex(bytes) });
      assert.deepEqual((await content(locatedUpload(server, answer, bytes.length))).body, bytes);
    });

    for (const completeWhenFull of [false, true]) {
      test(`sent again is 200 and the same upload (completeWhenFull ${completeWhenFull})`, async () => {
        const headers = { "idempotency-key": `"again-${what}-${completeWhenFull}"` };
        const [first, again] = [await createWithContent(server, bytes, { headers, completeWhenFull }), await createWithContent(server, bytes, { headers, completeWhenFull })];
        assert.deepEqual([first.status, again.status], [201, 200]);
        assert.deepEqual(again.json, first.json);
        assert.equal(again.headers.location, first.headers.location);
      });
    }

    test("sent again with other bytes is refused, and its upload named", async () => {
      const headers = { "idempotency-key": `"other-bytes-${what}"` };
      const first = await createWithContent(server, bytes, { headers });
      const other = await createWithContent(server, randomBytes(bytes.length, 2), { headers });
      assertProblem(other, "chunk-conflict");
      assert.equal(other.headers.location, first.headers.location);
    });

    test("sent again with other JSON is refused", async () => {
      const headers = { "idempotency-key": `"other-json-${what}"` };
      assert.equal((await createWithContent(server, bytes, { headers })).status, 201);
      const other = await createWithContent(server, bytes, { headers, name: "other.bin" });
      assertProblem(other, "idempotency-key-reused");
      assert.equal(other.headers.location, undefined);
    });

    test("goes into the upload that a plain creation has made with its key and JSON", async () => {
      const headers = { "idempotency-key": `"plain-first-${what}"` };
      const plain = await create(server, { size: bytes.length, name: "file.bin", completeWhenFull: true }, headers);
      const answer = await createWithContent(server, bytes, { headers, completeWhenFull: true });
      assert.equal(answer.status, 200, answer.body.toString());
      assert.equal(answer.headers.location, plain.headers.location);
      assert.equal(answer.json.state, "complete");
    });

    test("whose answer was lost is found by a plain creation with its key and JSON", async () => {
      const headers = { ...contentHeaders(bytes), "idempotency-key": `"lost-${what}"` };
      const connection = await rawConnection(server);
      await connection.send(head("POST /uploads HTTP/1.1", { host: `127.0.0.1:${server.port}`, ...headers }));
      await connection.send(bytes);
      await until("the answer is sent", () => connection.received());
      connection.close();
      const found = await create(server, { size: bytes.length, name: "file.bin" }, { "idempotency-key": headers["idempotency-key"] });
      assert.equal(found.status, 200);
      assert.deepEqual(found.json.received, wholeOf(bytes));
    });

    test("whose bytes are not those of the digest is stored nowhere; the same key then takes the right ones", async () => {
      const headers = { "idempotency-key": `"mismatch-${what}"` };
      const refused = await createWithContent(server, bytes, { headers: { ...headers, ...none } });
      assertProblem(refused, "digest-mismatch");
      if (refused.headers.location) assert.deepEqual((await status(locatedUpload(server, refused, bytes.length))).json.received, []);
      const answer = await createWithContent(server, bytes, { headers });
      assert.ok(answer.status === (refused.headers.location ? 200 : 201), answer.body.toString());
      assert.deepEqual(answer.json.received, wholeOf(bytes));
    });

    test("meets a paused upload: refused, and named", async () => {
      const headers = { "idempotency-key": `"paused-${what}"` };
      const upload = locatedUpload(server, await create(server, { size: bytes.length, name: "file.bin" }, headers), bytes.length);
      await patch(upload, "paused");
      const refused = await createWithContent(server, bytes, { headers });
      assertProblem(refused, "upload-paused");
      assert.equal(locatedUpload(server, refused, bytes.length).url, upload.url);
    });

    test("meets a range that another request is sending: refused, and named", async () => {
      const headers = { "idempotency-key": `"busy-${what}"` };
      const upload = locatedUpload(server, await create(server, { size: bytes.length, name: "file.bin" }, headers), bytes.length);
      const put = await openPut(upload, 0, bytes, 1000);
      const refused = await createWithContent(server, bytes, { headers });
      assertProblem(refused, "range-busy");
      assert.equal(locatedUpload(server, refused, bytes.length).url, upload.url);
      assert.equal((await put.finish()).status, 204);
      assert.equal((await createWithContent(server, bytes, { headers })).status, 200);
    });
  });
}

test("simultaneous posts with one key make one upload, and all of them get it complete", async () => {
  const headers = { "idempotency-key": '"simultaneous"' };
  const answers = await Promise.all(Array.from({ length: 20 }, () => createWithContent(server, small, { headers, completeWhenFull: true })));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [...Array(19).fill(200), 201]);
  for (const answer of answers) assert.equal(answer.json.state, "complete");
  assert.equal(new Set(answers.map((answer) => answer.json.id)).size, 1);
});

test("a chunk that is there in part: refused with what is there, and named", async () => {
  const headers = { "idempotency-key": '"in-part"' };
  const upload = locatedUpload(server, await create(server, { size: large.length, name: "file.bin" }, headers), large.length);
  await storeChunk(upload, 0, large.subarray(0, UNIT));
  const refused = await createWithContent(server, large, { headers });
  assert.deepEqual(assertProblem(refused, "chunk-overlap").received, [[0, UNIT]]);
  assert.equal(locatedUpload(server, refused, large.length).url, upload.url);
});

test("a small body that breaks off leaves nothing and keeps no one waiting", async () => {
  const headers = { ...contentHeaders(small), "idempotency-key": '"broken-off"' };
  const connection = await rawConnection(server);
  await connection.send(head("POST /uploads HTTP/1.1", { host: `127.0.0.1:${server.port}`, ...headers }));
  await connection.send(small.subarray(0, 100));
  const answer = await createWithContent(server, small, { headers });
  assert.equal(answer.status, 201, "the older one is silent still");
  connection.close();
});

test("200 small files at once are all complete", async () => {
  const roomy = await startServer({ args: [...patient, "--max-open", "200"] });
  const agent = new Agent({ keepAlive: true });
  const files = Array.from({ length: 200 }, (_, i) => randomBytes(10 * 1024, i + 1));
  const answers = await Promise.all(files.map((bytes, i) => createWithContent(roomy, bytes, { agent, name: `${i}.bin`, completeWhenFull: true })));
  for (const [i, answer] of answers.entries()) {
    assert.equal(`${answer.status} ${answer.json.state}`, "201 complete");
    assert.deepEqual((await content(locatedUpload(roomy, answer, files[i].length))).body, files[i]);
  }
  assert.deepEqual(readdirSync(join(roomy.dataDir, "unfinished")), []);
  agent.destroy();
  await roomy.stop();
});
