// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { cancel, createUpload, createWith, openPut, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { until } from "../support/until.js";

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(4 * UNIT);

test("cancelling is repeatable, also at the same time", async () => {
  const upload = await createWith(server, bytes);
  const answers = await Promise.all([1, 2, 3, 4].map(() => cancel(upload)));
  assert.deepEqual(answers.map(({ status }) => status), [204, 204, 204, 204]);
  assert.equal((await cancel(upload)).status, 204);
});

test("a cancelled upload's bytes are removed, and other uploads' are not", async () => {
  const [kept, dropped] = [await createWith(server, bytes), await createWith(server, bytes)];
  await cancel(dropped);
  await until("its bytes are removed", () => storedFiles(server, dropped).length === 0);
  assert.equal(storedFiles(server, kept).length, 1);
});

test("a PUT being received when its upload is cancelled is not confirmed", async () => {
  const upload = await createUpload(server, bytes.length);
  const put = await openPut(upload, 0, bytes, UNIT);
  assert.equal((await cancel(upload)).status, 204);
  const answer = await put.finish().catch(() => undefined);
  assert.ok(answer === undefined || answer.status === 410, `answered with ${answer?.status}`);
  assert.equal((await status(upload)).status, 410);
  await until("no bytes stay behind", () => storedFiles(server, upload).length === 0);
});
