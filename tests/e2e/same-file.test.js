// @ts-check
import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

const options = { endpoint: "/uploads", chunkSize: 4 * MIB };

test("the same file added twice is one upload", async (t) => {
  const stage = await openStage(t, { options });
  stage.proxy.bytesPerSecond = 32 * MIB;
  const file = fileOf("file.bin", randomBytes(32 * MIB));
  const first = await stage.page.start(file);
  await stage.untilConfirmed(4 * MIB);
  const second = await stage.page.start(file);
  const done = [await stage.page.done(first), await stage.page.done(second)];
  assert.equal(done[0].uploadUrl, done[1].uploadUrl);
  assert.equal(stage.proxy.wire.requests("POST", "/uploads").length, 1);
  await stage.assertStored(done[0], file);
});

test("a file of the same name, size and time but with other content is a new upload, never a mix", async (t) => {
  const stage = await openStage(t, { options });
  stage.proxy.bytesPerSecond = 16 * MIB;
  const [interrupted, other] = [1, 2].map((seed) => fileOf("file.bin", randomBytes(32 * MIB, seed)));
  for (const { path } of [interrupted, other]) utimesSync(path, 1_700_000_000, 1_700_000_000);
  await stage.page.start(interrupted);
  await stage.untilConfirmed(8 * MIB);
  const { uploadUrl } = await stage.page.look();

  await stage.visit();
  stage.proxy.bytesPerSecond = Infinity;
  await stage.page.start(other);
  const done = await stage.page.done();
  assert.notEqual(done.uploadUrl, uploadUrl);
  await stage.assertStored(done, other);

  // And the first one is still there to go on with.
  const again = await stage.page.start(interrupted);
  const completed = await stage.page.done(again);
  assert.equal(completed.uploadUrl, uploadUrl);
  await stage.assertStored(completed, interrupted);
});

test("a file that differs only where nothing is confirmed yet becomes the file that was picked last, or a new upload", async (t) => {
  const stage = await openStage(t, { options: { ...options, parallelChunks: 1 } });
  stage.proxy.bytesPerSecond = 16 * MIB;
  const bytes = randomBytes(32 * MIB, 1);
  const first = fileOf("file.bin", bytes);
  const changed = Buffer.from(bytes);
  changed[changed.length - 1] ^= 1;
  const second = fileOf("file.bin", changed);
  await stage.page.start(first);
  await stage.untilConfirmed(8 * MIB);

  await stage.visit();
  stage.proxy.bytesPerSecond = Infinity;
  await stage.page.start(second);
  await stage.assertStored(await stage.page.done(), second);
});
