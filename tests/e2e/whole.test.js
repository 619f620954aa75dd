// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { openStage } from "../support/stage.js";
import { largeFile } from "../support/test-files.js";

test("300 MiB arrive whole: the same SHA-256 told, on disk and read back", async (t) => {
  const stage = await openStage(t);
  const { page, proxy } = stage;
  const file = largeFile();
  await page.start(file);
  await stage.assertStored(await page.done(), file);
  assert.equal(proxy.wire.puts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0), file.size, "every byte was sent once");
});

test("what is confirmed never goes back, and ends as the whole file", async (t) => {
  const stage = await openStage(t);
  await stage.page.start(largeFile());
  await stage.page.done();
  const told = (await stage.page.call("events")).map((/** @type {any} */ { confirmed }) => confirmed);
  assert.deepEqual(told, told.toSorted((/** @type {number} */ a, /** @type {number} */ b) => a - b));
  assert.equal(told.at(-1), largeFile().size);
});
