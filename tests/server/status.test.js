// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { createUpload, openPut, request, status, storeChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { injecting } from "../support/strace.js";
import { storedFiles } from "../support/stored-files.js";
import { until } from "../support/until.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(4 * UNIT);

test("PUTs being received are shown with the offset they have reached, and are not counted as received", async () => {
  const upload = await createUpload(server, bytes.length);
  const first = await openPut(upload, 0, bytes.subarray(0, UNIT), 1000);
  const second = await openPut(upload, 2 * UNIT, bytes.subarray(2 * UNIT), UNIT);
  const { receiving, received, receivedBytes } = (await status(upload)).json;
  assert.deepEqual(receiving, [[0, 1000], [2 * UNIT, 3 * UNIT]]);
  assert.deepEqual([received, receivedBytes], [[], 0]);
  await Promise.all([first.finish(), second.finish()]);
  const after = (await status(upload)).json;
  assert.deepEqual([after.receiving, after.received], [[], [[0, UNIT], [2 * UNIT, 4 * UNIT]]]);
});

test("a status is answered while a chunk's sync takes long, and does not count the chunk", async () => {
  const first = await startServer();
  const upload = await createUpload(first, bytes.length);
  await first.stop();
  const [path] = storedFiles(first, upload);
  const slow = await startServer({
    port: first.port,
    dataDir: first.dataDir,
    wrapper: injecting("fsync,fdatasync,sync_file_range", "delay_enter=4s", path),
  });
  try {
    const start = Date.now();
    const chunk = storeChunk(upload, 0, bytes).then(() => Date.now() - start);
    const during = await until("it is being received", async () => {
      const { json } = await status(upload);
      return json.receiving.length > 0 && json;
    });
    assert.deepEqual(during.received, []);
    assert.ok(Date.now() - start < 3000, "the status waited for the chunk");
    assert.ok((await chunk) >= 4000, "the chunk was confirmed before its sync");
  } finally {
    await slow.kill9();
  }
});

test("HEAD is answered like GET, without the body", async () => {
  const upload = await createUpload(server, 1);
  const head = await request(upload.url, { method: "HEAD" });
  assert.deepEqual([head.status, head.body.length, head.headers["content-type"]], [200, 0, "application/json"]);
});

test("the server says that it is healthy", async () => {
  assert.equal((await request(`${server.url}/healthz`)).status, 200);
});
