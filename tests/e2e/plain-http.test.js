// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

test("a plain-http origin without WebCrypto uploads with digests all the same", async (t) => {
  const stage = await openStage(t, { secure: false });
  const [secure, subtle] = await stage.page.execute("return [isSecureContext, typeof crypto.subtle]");
  assert.deepEqual([secure, subtle], [false, "undefined"]);
  const file = fileOf("file.bin", randomBytes(64 * MIB + 3));
  await stage.page.start(file);
  await stage.assertStored(await stage.page.done(), file);
  assert.ok(stage.proxy.wire.puts.every(({ host }) => host === stage.host));
});

test("there too it continues after a reload", async (t) => {
  const stage = await openStage(t, { secure: false });
  stage.proxy.bytesPerSecond = 16 * MIB;
  const file = fileOf("file.bin", randomBytes(48 * MIB));
  await stage.page.start(file);
  await stage.untilConfirmed(8 * MIB);
  const { uploadUrl } = await stage.page.look();
  await stage.visit();
  stage.proxy.bytesPerSecond = Infinity;
  await stage.page.start(file);
  const done = await stage.page.done();
  assert.equal(done.uploadUrl, uploadUrl);
  await stage.assertStored(done, file);
});
