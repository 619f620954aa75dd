// @ts-check
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { DemoPage } from "../support/demo-page.js";
import { answers } from "../support/faults.js";
import { openStage } from "../support/stage.js";
import { fileOf, largeFile, sha256OfFile } from "../support/test-files.js";
import { until } from "../support/until.js";

/** Slow enough to press buttons. */
const PACE = 16 * MIB;

/** @param {import("node:test").TestContext} t */
async function openDemo(t) {
  const stage = await openStage(t, { path: "/" });
  const demo = new DemoPage(stage.openedBrowser);
  await demo.ready();
  return { stage, demo };
}

test("a row tells name, size, state, part and digest, and its link downloads the same bytes", async (t) => {
  const { stage, demo } = await openDemo(t);
  stage.proxy.bytesPerSecond = PACE;
  const file = fileOf("视频 一.mp4", randomBytes(40 * MIB));
  await demo.choose(file);
  const row = await demo.row("视频 一.mp4");
  await row.untilState("uploading");
  assert.equal(await row.text("size"), "41.9 MB");
  assert.equal(await row.text("state"), "Uploading");
  assert.deepEqual(await row.buttons(), ["Pause", "Cancel"]);
  await until("confirmed bytes in the row", async () => (await row.confirmed()) > 0);
  assert.ok((await row.confirmed()) <= stage.proxy.wire.confirmedBytes());
  assert.match(await row.text("percent"), /^\d+(\.\d)?\s?%$/);

  stage.proxy.bytesPerSecond = Infinity;
  await row.untilState("complete");
  assert.equal(await row.text("state"), "Saved");
  assert.equal(await row.text("digest"), file.sha256);
  await row.click("link");
  const downloaded = join(stage.downloads, "视频 一.mp4");
  // Some browsers give the file its name at the beginning.
  await until("the download", () => statSync(downloaded, { throwIfNoEntry: false })?.size === file.size);
  assert.equal(await sha256OfFile(downloaded), file.sha256);
  assert.deepEqual(await demo.complaints(), []);
  stage.assertPromise();
});

test("Pause, Resume and Cancel do what they say", async (t) => {
  const { stage, demo } = await openDemo(t);
  stage.proxy.bytesPerSecond = PACE;
  await demo.choose(largeFile());
  const row = await demo.row("large.bin");
  await stage.untilConfirmed(8 * MIB);
  await row.click("pause");
  await row.untilState("paused");
  assert.equal(await row.text("state"), "Paused");
  assert.deepEqual(await row.buttons(), ["Resume", "Cancel"]);
  const before = stage.proxy.wire.confirmedBytes();
  await row.click("resume");
  await row.untilState("uploading");
  await stage.untilConfirmed(before + 8 * MIB);
  await row.click("cancel");
  await row.untilState("cancelled");
  assert.equal(await row.text("state"), "Cancelled");
  await until("the upload is gone", async () => (await stage.serverStatus(0)).code === "upload-gone");
  stage.assertPromise();
});

test("a refused file says why, and Retry tries it again", async (t) => {
  const { stage, demo } = await openDemo(t);
  stage.proxy.rule = ({ method }) => (method === "POST" ? answers(403) : undefined);
  const file = fileOf("file.bin", randomBytes(MIB));
  await demo.choose(file);
  const row = await demo.row("file.bin");
  await row.untilState("failed");
  assert.notEqual(await row.text("error"), "");
  assert.deepEqual(await row.buttons(), ["Retry", "Remove"]);
  stage.proxy.rule = () => undefined;
  await row.click("retry");
  await row.untilState("complete");
  assert.equal(await row.text("digest"), file.sha256);
});

test("several files at once are all saved", async (t) => {
  const { stage, demo } = await openDemo(t);
  const files = Array.from({ length: 7 }, (_, i) => fileOf(`file ${i}.bin`, randomBytes(2 * MIB + i, i)));
  await demo.choose(...files);
  for (const [i, file] of files.entries()) {
    const row = await demo.row(`file ${i}.bin`);
    await row.untilState("complete");
    assert.equal(await row.text("digest"), file.sha256);
  }
  assert.deepEqual(await demo.complaints(), []);
  stage.assertPromise();
});
