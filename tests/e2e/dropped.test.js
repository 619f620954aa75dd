// @ts-check
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { MIB, UNIT, randomBytes, sha256Hex } from "../support/bytes.js";
import { drop } from "../support/drop.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { tempDir } from "../support/temp-dir.js";
import { until } from "../support/until.js";

/** @typedef {import("../support/stage.js").Stage} Stage */

/** More than a browser gives of a folder at once. */
const MANY = 130;

for (const way of ["by handles", "by entries"]) {
  testWith("droppedHandles", `a dropped folder is walked ${way}, its files know their paths`, async (t) => {
    const stage = await openStage(t, { options: { endpoint: "/uploads", restrictions: { maxSize: 2 * MIB } } });
    const { page } = stage;
    // What Firefox and Safari have is the older way.
    if (way === "by entries") await page.execute("delete DataTransferItem.prototype.getAsFileSystemHandle");
    const { folder, files } = album();
    const single = join(tempDir("drop"), "single.bin");
    writeFileSync(single, "single");
    const rejected = await takeDrops(stage);

    await drop(page, [folder, single]);
    await until("all is added", () => page.execute("return Boolean(window.added)"));
    const { ok } = await page.execute("return window.added");
    const uploads = await Promise.all(ok.map((/** @type {number} */ number) => page.look(number)));
    const found = new Map(uploads.map(({ name, metadata, size }) => [metadata.relativePath ?? name, size]));
    const expected = [...files].map(([path, bytes]) => /** @type {const} */ ([path, bytes.length]));
    assert.deepEqual([...found].sort(), [...expected, ["single.bin", 6]].sort());
    assert.deepEqual(await rejected(), [["large.bin", 3 * MIB, "too-large"]]);

    const deep = uploads.findIndex(({ metadata }) => metadata.relativePath === "album/deep/deeper/last.bin");
    const bytes = files.get("album/deep/deeper/last.bin");
    assert.ok(bytes);
    await stage.assertStored(await page.done(ok[deep]), { path: "", size: bytes.length, sha256: sha256Hex(bytes) });
  });
}

testWith("droppedHandles", "what was dropped can be reopened after a reload, if the browser is allowed to", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: MIB } });
  const { page, proxy } = stage;
  proxy.bytesPerSecond = 4 * MIB;
  const path = join(tempDir("drop"), "film.bin");
  writeFileSync(path, randomBytes(24 * MIB));
  await takeDrops(stage);
  await drop(page, [path]);
  await stage.untilConfirmed(4 * MIB);
  await stage.visit();
  assert.deepEqual((await page.call("interrupted")).map((/** @type {any} */ one) => [one.name, one.canReopen]), [["film.bin", true]]);
  // There was no click, so Chromium does not even ask.
  const { error } = await page.call("resumeInterrupted");
  assert.deepEqual([error.code, /pick it again/i.test(error.message)], ["file-unreadable", true]);
});

test("files of a drop that a page has made itself are added", async (t) => {
  const stage = await openStage(t);
  await takeDrops(stage);
  await stage.page.execute(`const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["one"], "one.txt"));
    dataTransfer.items.add(new File(["two"], "two.txt"));
    document.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));`);
  await until("both are added", () => stage.page.execute("return window.added?.ok?.length === 2"));
  const file = { path: "", size: 3, sha256: sha256Hex(Buffer.from("two")) };
  await stage.assertStored(await stage.page.done(1), file);
});

/**
 * Has the page add what is dropped on it; answers what asks for the rejected files.
 * @param {Stage} stage
 */
async function takeDrops({ page }) {
  await page.execute(`window.rejected = bench.rejections();
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", async (event) => {
      event.preventDefault();
      window.added = await bench.addDropped(event.dataTransfer);
    });`);
  return () => page.execute("return window.rejected");
}

/** A folder of folders; its files by their paths, but for one that is too large. */
function album() {
  const root = tempDir("drop");
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  for (let number = 0; number < MANY; number++) files.set(`album/many/${number}.bin`, Buffer.from(`file ${number}`));
  files.set("album/cover.bin", randomBytes(UNIT));
  files.set("album/deep/deeper/last.bin", randomBytes(MIB));
  mkdirSync(join(root, "album/deep/deeper"), { recursive: true });
  mkdirSync(join(root, "album/many"));
  mkdirSync(join(root, "album/empty"));
  for (const [path, bytes] of files) writeFileSync(join(root, path), bytes);
  writeFileSync(join(root, "album/large.bin"), Buffer.alloc(3 * MIB));
  return { folder: join(root, "album"), files };
}
