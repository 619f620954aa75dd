// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

test("names without an ASCII letter, of one size, are two uploads with their own contents", async (t) => {
  const stage = await openStage(t);
  const files = ["视频一.mp4", "视频二.mp4"].map((name, i) => fileOf(name, randomBytes(5 * MIB, i)));
  await stage.page.pick(...files);
  assert.deepEqual(await stage.page.must("add", {}), [0, 1]);
  for (const [number, file] of files.entries()) {
    const done = await stage.page.done(number);
    assert.equal(done.name, ["视频一.mp4", "视频二.mp4"][number]);
    await stage.assertStored(done, file);
  }
});
