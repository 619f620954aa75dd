// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../support/bytes.js";
import { SLOW, openStage } from "../support/stage.js";
import { storedFiles } from "../support/stored-files.js";
import { largeFile } from "../support/test-files.js";
import { until } from "../support/until.js";

test("a cancel deletes the upload at the server and rejects `done` with an AbortError", async (t) => {
  const stage = await openStage(t);
  stage.proxy.bytesPerSecond = SLOW;
  await stage.page.start(largeFile());
  await stage.untilConfirmed(40 * MIB);
  const [{ id }] = stage.proxy.wire.puts;
  assert.ok(id);

  await stage.page.must("act", 0, "cancel");
  const { error } = await stage.page.call("done", 0);
  assert.equal(error.name, "AbortError");
  await until("the upload is gone", async () => (await stage.serverStatus(0)).code === "upload-gone");
  await until("its bytes are gone", () => storedFiles(stage.server, { id }).length === 0);
  assert.equal((await stage.page.look()).state, "cancelled");
  assert.deepEqual(await stage.page.call("interrupted"), []);
  stage.assertPromise();
});

test("the same file after a cancel is a new upload", async (t) => {
  const stage = await openStage(t);
  stage.proxy.bytesPerSecond = SLOW;
  await stage.page.start(largeFile());
  await stage.untilConfirmed(40 * MIB);
  const { uploadUrl } = await stage.page.look();
  await stage.page.must("act", 0, "cancel");
  await stage.page.untilState("cancelled");

  stage.proxy.bytesPerSecond = Infinity;
  const again = await stage.page.start(largeFile());
  const done = await stage.page.done(again);
  assert.notEqual(done.uploadUrl, uploadUrl);
  await stage.assertStored(done, largeFile());
});
