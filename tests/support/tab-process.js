// @ts-check
import { readFileSync } from "node:fs";
import { browserPids } from "./browser.js";
import { mainThreadTicks } from "./process-tree.js";
import { until } from "./until.js";

/** @typedef {import("./bench-page.js").BenchPage} BenchPage */

/** Of processor time, in the clock ticks of /proc (10 ms). */
const ENOUGH_TICKS = 30;

const SPIN = "const end = performance.now() + 100; while (performance.now() < end);";

/**
 * The process of a page in Chromium, whose driver does not tell it: of those that show pages, the one that works while the page
 * does.
 * @param {BenchPage} page
 * @returns {Promise<number>} its pid
 */
export async function tabProcess(page) {
  const before = new Map(browserPids(page.browser).filter(showsPages).map((pid) => [pid, mainThreadTicks(pid)]));
  return until("one process that works while the page does", async () => {
    await page.execute(SPIN);
    const worked = [...before].map(([pid, ticks]) => ({ pid, ticks: mainThreadTicks(pid) - ticks }));
    const [first, second] = worked.sort((a, b) => b.ticks - a.ticks);
    return first.ticks >= ENOUGH_TICKS && first.ticks > 2 * (second?.ticks ?? 0) ? first.pid : null;
  });
}

/** @param {number} pid */
function showsPages(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer");
  } catch {
    return false; // It has ended meanwhile.
  }
}
