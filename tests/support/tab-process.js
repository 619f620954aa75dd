// @ts-check
import { browserPids } from "./browser.js";
import { mainThreadTicks } from "./process-tree.js";

/** @typedef {import("./bench-page.js").BenchPage} BenchPage */

/** Of processor time, in the clock ticks of /proc (10 ms). */
const ENOUGH_TICKS = 30;

const SPIN = "const end = performance.now() + 100; while (performance.now() < end);";

/**
 * The process of a page: no driver tells it, but it is the one that works while the page does.
 * @param {BenchPage} page
 * @returns {Promise<number>} its pid
 */
export async function tabProcess(page) {
  const before = new Map(browserPids(page.browser).map((pid) => [pid, mainThreadTicks(pid)]));
  for (;;) {
    await page.execute(SPIN);
    const worked = [...before].map(([pid, ticks]) => ({ pid, ticks: mainThreadTicks(pid) - ticks }));
    const [first, second] = worked.sort((a, b) => b.ticks - a.ticks);
    if (first.ticks >= ENOUGH_TICKS && first.ticks > 2 * second.ticks) return first.pid;
  }
}
