// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

const SIZE = 32 * MIB;

/**
 * A page that was reloaded in the middle of a file.
 * @param {import("node:test").TestContext} t
 */
async function interruptedStage(t) {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: 4 * MIB } });
  const file = fileOf("file.bin", randomBytes(SIZE, 1));
  stage.proxy.bytesPerSecond = 16 * MIB;
  await stage.page.start(file);
  await stage.untilConfirmed(8 * MIB);
  await stage.visit();
  stage.proxy.bytesPerSecond = Infinity;
  return { stage, file };
}

test("an interrupted file is listed with its confirmed bytes", async (t) => {
  const { stage } = await interruptedStage(t);
  const [{ name, size, confirmed }, ...others] = await stage.page.call("interrupted");
  assert.deepEqual({ name, size, others }, { name: "file.bin", size: SIZE, others: [] });
  assert.equal(confirmed, stage.proxy.wire.confirmedBytes());
  assert.ok(confirmed >= 8 * MIB && confirmed < SIZE, `${confirmed} bytes`);
});

test("it is resumed with the right file", async (t) => {
  const { stage, file } = await interruptedStage(t);
  await stage.page.pick(file);
  const number = await stage.page.must("resumeInterrupted");
  await stage.assertStored(await stage.page.done(number), file);
  assert.equal(stage.proxy.wire.requests("POST", "/uploads").length, 1);
  assert.deepEqual(await stage.page.call("interrupted"), []);
});

/** @type {[string, Buffer][]} */
const wrongFiles = [
  ["of another size", randomBytes(SIZE - 1, 1)],
  ["of the same size with other content", randomBytes(SIZE, 2)],
];

for (const [what, bytes] of wrongFiles) {
  test(`a file ${what} is refused as file-mismatch, and the upload is still there`, async (t) => {
    const { stage, file } = await interruptedStage(t);
    const before = stage.proxy.wire.puts.length;
    await stage.page.pick(fileOf("file.bin", bytes));
    const { error } = await stage.page.resumeOutcome();
    assert.equal(error?.code, "file-mismatch");
    assert.equal(stage.proxy.wire.puts.length, before, "nothing of it was sent");

    await stage.visit();
    assert.equal((await stage.page.call("interrupted")).length, 1);
    await stage.page.start(file);
    await stage.assertStored(await stage.page.done(), file);
  });
}
