// @ts-check
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drop } from "../support/drop.js";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { tempDir } from "../support/temp-dir.js";
import { until } from "../support/until.js";

const FILES = 5_000;
const SIZE = 10 * 1024;
/** What people notice. */
const LONG_MS = 50;

testWith("droppedHandles", "a folder of 5,000 files is added without holding up the page", async (t) => {
  const stage = await openStage(t);
  const { page } = stage;
  const folder = join(tempDir("drop"), "crowd");
  mkdirSync(folder);
  for (let number = 0; number < FILES; number++) {
    writeFileSync(join(folder, `${number}.bin`), Buffer.alloc(SIZE, `${number} `));
  }
  await page.execute(`window.long = [];
    new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: "longtask" });
    const { createUploader } = await import("/e2e/upferry/js/index.js");
    const uploader = await createUploader({ endpoint: "/uploads" });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", async (event) => {
      event.preventDefault();
      const began = performance.now();
      const { length } = await uploader.addDropped(event.dataTransfer);
      window.added = { length, ms: performance.now() - began };
    });`.replace(/^/, "return (async () => {") + "})()");
  await drop(page, [folder]);
  const { length, ms } = await until("all is added", () => page.execute("return window.added"), { limitMs: 120_000, everyMs: 100 });
  assert.equal(length, FILES);
  /** @type {number[]} */
  const long = await page.execute("return window.long");
  // Each slice of ours takes 10 ms; what a busy machine adds to a task here and there is little in all.
  const excessMs = long.reduce((sum, duration) => sum + duration - LONG_MS, 0);
  assert.ok(excessMs < ms / 10, `tasks of ${long} ms within ${ms} ms`);
});
