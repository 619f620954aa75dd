// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { complete, createUpload, openPut, patch, putChunk, sendJson, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(2 * UNIT);

test("a PUT that is already open finishes while paused", async () => {
  const upload = await createUpload(server, bytes.length);
  const put = await openPut(upload, 0, bytes, UNIT);
  assert.equal((await patch(upload, "paused")).json.state, "paused");
  assert.equal((await put.finish()).status, 204);
  const { state, received } = (await status(upload)).json;
  assert.deepEqual({ state, received }, { state: "paused", received: [[0, bytes.length]] });
});

test("reopened, chunks are taken again", async () => {
  const upload = await createUpload(server, bytes.length);
  await patch(upload, "paused");
  assertProblem(await putChunk(upload, 0, bytes), "upload-paused");
  assert.equal((await patch(upload, "open")).json.state, "open");
  assert.equal((await putChunk(upload, 0, bytes)).status, 204);
  assert.equal((await complete(upload)).status, 200);
});

for (const body of ["{", "{}", '{"state": "complete"}', '{"state": "Paused"}', '{"state": 1}', '{"state": "open", "size": 1}']) {
  test(`PATCH with ${body} is an invalid request`, async () => {
    const upload = await createUpload(server, 1);
    assertProblem(await sendJson(upload.url, "PATCH", body), "invalid-request");
  });
}

test("PATCH must be JSON", async () => {
  const upload = await createUpload(server, 1);
  const answer = await sendJson(upload.url, "PATCH", { state: "paused" }, { "content-type": "text/plain" });
  assertProblem(answer, "unsupported-media-type");
});
