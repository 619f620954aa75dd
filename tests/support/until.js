// @ts-check
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks again and again until the answer is truthy, and gives it back.
 * @template T
 * @param {string} what for the message when it never comes
 * @param {() => T | Promise<T>} ask
 * @param {{limitMs?: number, everyMs?: number}} [options]
 * @returns {Promise<NonNullable<T>>}
 */
export async function until(what, ask, { limitMs = 20_000, everyMs = 10 } = {}) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await sleep(everyMs);
  }
}
