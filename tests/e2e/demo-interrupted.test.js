// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { DemoPage } from "../support/demo-page.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";
import { until } from "../support/until.js";

/**
 * The demo after a reload in the middle of a file.
 * @param {import("node:test").TestContext} t
 */
async function reloadedDemo(t) {
  const stage = await openStage(t, { path: "/" });
  const demo = new DemoPage(stage.openedBrowser);
  await demo.ready();
  stage.proxy.bytesPerSecond = 16 * MIB;
  const file = fileOf("file.bin", randomBytes(64 * MIB));
  await demo.choose(file);
  await stage.untilConfirmed(16 * MIB);
  await stage.visit();
  await demo.ready();
  stage.proxy.bytesPerSecond = Infinity;
  return { stage, demo, file, row: await demo.interrupted("file.bin") };
}

test("an unfinished file is listed after a reload, and goes on when it is chosen again", async (t) => {
  const { stage, demo, file, row } = await reloadedDemo(t);
  await until("its confirmed bytes", async () => (await row.confirmed()) >= 16 * MIB);
  assert.equal(await row.confirmed(), stage.proxy.wire.confirmedBytes());
  assert.equal(await row.text("size"), "67.1 MB");

  await (await row.role("choose")).sendKeys(file.path);
  const upload = await demo.row("file.bin");
  await upload.untilState("complete");
  assert.equal(await upload.text("digest"), file.sha256);
  assert.equal(stage.proxy.wire.requests("POST", "/uploads").length, 1);
  assert.deepEqual(await demo.complaints(), []);
  stage.assertPromise();
});

test("picking it as a new file goes on as well", async (t) => {
  const { stage, demo, file } = await reloadedDemo(t);
  await demo.choose(file);
  const upload = await demo.row("file.bin");
  await upload.untilState("complete");
  assert.equal(await upload.text("digest"), file.sha256);
  assert.equal(stage.proxy.wire.requests("POST", "/uploads").length, 1);
  stage.assertPromise();
});

test("another file in its place is refused in words", async (t) => {
  const { stage, demo, row } = await reloadedDemo(t);
  await (await row.role("choose")).sendKeys(fileOf("other.bin", randomBytes(64 * MIB, 2)).path);
  await until("the refusal", async () => (await demo.browser.getPageSource()).includes('data-code="file-mismatch"'));
  assert.equal((await stage.serverStatus(0)).state === "complete", false);
  stage.assertPromise();
});

test("Discard gives it up, here and on the server", async (t) => {
  const { stage, demo, row } = await reloadedDemo(t);
  await row.click("discard");
  await until("the upload is gone", async () => (await stage.serverStatus(0)).code === "upload-gone");
  await stage.visit();
  await demo.ready();
  assert.equal(await (await demo.find("#interrupted")).isDisplayed(), false);
});
