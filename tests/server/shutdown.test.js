// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { chunks, complete, content, create, createUpload, createWith, openPut, patch, putChunk, request, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { until } from "../support/until.js";

const bytes = randomBytes(4 * UNIT);

test("SIGTERM lets the PUTs being received finish, takes no more connections, and exits 0", async () => {
  const server = await startServer();
  const upload = await createUpload(server, bytes.length);
  const put = await openPut(upload, 0, bytes, UNIT);
  const stopped = server.stop();
  await until("no new connection is taken", () => request(`${server.url}/healthz`).then(({ status }) => status === 503, () => true));
  assert.equal((await put.finish()).status, 204);
  assert.deepEqual(await stopped, { code: 0, signal: null });

  const again = await startServer({ port: server.port, dataDir: server.dataDir });
  assert.deepEqual((await status(upload)).json.received, [[0, bytes.length]]);
  await again.stop();
});

for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT"])) {
  test(`an idle server ends with 0 at once on ${signal}`, async () => {
    const server = await startServer();
    await createWith(server, bytes);
    const start = Date.now();
    assert.deepEqual(await server.stop(signal), { code: 0, signal: null });
    assert.ok(Date.now() - start < 3000, `after ${Date.now() - start} ms`);
  });
}

test("a PUT that never ends does not keep the server from ending", async () => {
  const server = await startServer({ args: ["--shutdown-grace", "1s"] });
  const upload = await createUpload(server, bytes.length);
  const put = await openPut(upload, 0, bytes, UNIT);
  const { code } = await server.stop();
  assert.equal(code, 0);
  const answer = await put.answer.catch(() => undefined);
  assert.notEqual(answer?.status, 204);
});

test("a restart keeps everything", async () => {
  const server = await startServer();
  const key = { "idempotency-key": '"kept"' };
  const json = { size: bytes.length, name: "视频.mp4", type: "video/mp4", metadata: { k: "v" } };
  const created = await create(server, json, key);
  const upload = { url: server.url + created.headers.location, size: bytes.length, id: created.json.id };
  await storeChunk(upload, UNIT, bytes.subarray(UNIT, 2 * UNIT));
  await patch(upload, "paused");
  const finished = await createWith(server, bytes);
  await complete(finished);
  const asked = async () => [(await status(upload)).json, (await chunks(upload)).json, (await status(finished)).json, (await chunks(finished)).json];
  const before = await asked();
  await server.stop();

  const again = await startServer({ port: server.port, dataDir: server.dataDir });
  after(() => again.stop());
  assert.deepEqual(await asked(), before);
  assert.deepEqual((await content(finished)).body, bytes);
  const repeated = await create(again, json, key);
  assert.deepEqual([repeated.status, repeated.json], [200, before[0]]);
  assertProblem(await create(again, { ...json, size: 1 }, key), "idempotency-key-reused");
  assertProblem(await putChunk(upload, 0, bytes.subarray(0, UNIT)), "upload-paused");

  await patch(upload, "open");
  await storeChunk(upload, 0, bytes.subarray(0, UNIT));
  await storeChunk(upload, 2 * UNIT, bytes.subarray(2 * UNIT));
  assert.equal((await complete(upload)).json.digest["sha-256"], sha256Hex(bytes));
});

test("two servers never share a data folder", async () => {
  const server = await startServer();
  await assert.rejects(startServer({ dataDir: server.dataDir }), /ended at its start/);
  assert.equal((await request(`${server.url}/healthz`)).status, 200);
  await server.stop();
});
