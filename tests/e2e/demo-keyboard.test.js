// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { Key } from "selenium-webdriver";
import { MIB } from "../support/bytes.js";
import { DemoPage } from "../support/demo-page.js";
import { openStage } from "../support/stage.js";
import { largeFile } from "../support/test-files.js";
import { until } from "../support/until.js";

test("the demo is used by keyboard alone", async (t) => {
  const stage = await openStage(t, { path: "/" });
  const demo = new DemoPage(stage.openedBrowser);
  await demo.ready();
  stage.proxy.bytesPerSecond = 16 * MIB;
  const press = (/** @type {string} */ key) => demo.browser.actions().sendKeys(key).perform();
  const tabTo = async (/** @type {string} */ target) => {
    for (let i = 0; i < 20 && (await demo.focus()) !== target; i++) await press(Key.TAB);
    assert.equal(await demo.focus(), target);
  };

  await tabTo("files");
  await demo.choose(largeFile());
  const row = await demo.row("large.bin");
  await stage.untilConfirmed(4 * MIB);

  await tabTo("pause");
  await press(Key.ENTER);
  await row.untilState("paused");
  await until("the focus on Resume", async () => (await demo.focus()) === "resume");
  await press(Key.SPACE);
  await row.untilState("uploading");
  await tabTo("cancel");
  await press(Key.ENTER);
  await row.untilState("cancelled");
  assert.deepEqual(await demo.complaints(), []);
});
