// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../support/bytes.js";
import { SLOW, openStage } from "../support/stage.js";
import { largeFile } from "../support/test-files.js";

test("after kill -9 of the browser, a new one with the same profile continues the file picked again", async (t) => {
  const stage = await openStage(t);
  stage.proxy.bytesPerSecond = SLOW;
  await stage.page.start(largeFile());
  await stage.untilConfirmed(100 * MIB);
  const { uploadUrl } = await stage.page.look();
  await stage.killBrowser();
  assert.ok(stage.proxy.wire.confirmedBytes() < largeFile().size, "it was in the middle");

  stage.proxy.bytesPerSecond = Infinity;
  await stage.openBrowser();
  await stage.page.start(largeFile());
  const done = await stage.page.done();
  assert.equal(done.uploadUrl, uploadUrl);
  await stage.assertStored(done, largeFile());
});
