// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { watchMemory } from "../support/browser-memory.js";
import { MIB } from "../support/bytes.js";
import { startServer } from "../support/server.js";
import { has } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { sparseFile } from "../support/test-files.js";
import { testSite } from "../support/test-site.js";

/** A server that takes more than its disk has now. */
const ROOM = ["--max-size", "2TB", "--max-reserved", "2TB", "--min-free", "off"];
const TERABYTE = 1e12;

/** What the chunks of so large a file are multiples of; those of the small one are as long. */
const UNIT = 16 * MIB;

/** The uploader's `memoryBudget`: a short upload need not have filled it. */
const MARGIN_MIB = 96;

test("a file of 1 TB is taken, started, paused, and resumed after a reload, within the memory of any other", async (t) => {
  const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: UNIT } });
  const { port, dataDir } = stage.server;
  await stage.server.kill9();
  stage.server = await startServer({ port, dataDir, args: ["--static", testSite(), "--public-url", stage.proxy.url, ...ROOM] });
  const file = sparseFile("disk.img", TERABYTE);

  const small = await watchMemory(stage.page.browser);
  await stage.page.start(sparseFile("small.img", 200 * MIB));
  await stage.page.done();
  small.stop();

  await stage.visit();
  const large = await watchMemory(stage.page.browser);
  await stage.page.start(file);
  await stage.untilConfirmed(712 * MIB);
  await stage.page.must("act", 0, "pause");
  await stage.page.untilState("paused");
  const { uploadUrl, progress } = await stage.page.look();
  assert.equal(progress.total, TERABYTE);

  await stage.visit();
  await stage.page.start(file);
  await stage.untilConfirmed(1224 * MIB);
  const resumed = await stage.page.look();
  large.stop();
  assert.equal(resumed.uploadUrl, uploadUrl);
  assert.ok(resumed.progress.confirmed >= progress.confirmed);
  stage.assertPromise();
  t.diagnostic(`peak of all the browser's processes: ${small.peakMib()} MiB with 200 MiB, ${large.peakMib()} MiB with 1 TB`);
  if (has("steadyMemory") && has("steadyMemoryOfLongChunks")) assert.ok(large.peakMib() <= small.peakMib() + MARGIN_MIB);
  await stage.page.must("act", 0, "cancel");
  await stage.page.untilState("cancelled");
});
