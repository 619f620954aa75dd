// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../support/bytes.js";
import { SLOW, openStage } from "../support/stage.js";
import { largeFile } from "../support/test-files.js";

test("after a reload the file picked again continues by itself, and only the gaps are sent", async (t) => {
  const stage = await openStage(t);
  const { proxy } = stage;
  proxy.bytesPerSecond = SLOW;
  await stage.page.start(largeFile());
  await stage.untilConfirmed(100 * MIB);
  const { uploadUrl } = await stage.page.look();

  await stage.visit();
  proxy.bytesPerSecond = Infinity;
  const putsBefore = proxy.wire.puts.length;
  const confirmedBefore = proxy.wire.confirmedBytes();
  await stage.page.start(largeFile());
  const done = await stage.page.done();

  assert.equal(done.uploadUrl, uploadUrl);
  await stage.assertStored(done, largeFile());
  const sentAfter = proxy.wire.puts.slice(putsBefore).reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
  assert.ok(sentAfter <= largeFile().size - confirmedBefore, `${sentAfter} bytes after ${confirmedBefore} were confirmed`);
});
