// @ts-check
import { setTimeout as sleep } from "node:timers/promises";
import { setOffline } from "../browser.js";

/**
 * @typedef {import("../stage.js").Stage} Stage
 * @typedef {import("./crowd.js").Crowd} Crowd
 * @typedef {(below: number) => number} Random
 */

const AWAY_MS = 4000;
const OFFLINE_MS = 9000;
const TWO_TABS_MS = 9000;

/**
 * What happens to the page, the browser and the server as a whole.
 * @param {Stage} stage
 * @param {Crowd} crowd
 * @param {Random} random
 * @param {number} scale
 * @returns {Record<string, () => Promise<void>>}
 */
export function eventsOf(stage, crowd, random, scale) {
  const wait = (/** @type {number} */ ms) => sleep((ms / 3 + random(ms)) * scale);
  return {
    "page reloaded": () => crowd.reload(),
    async "server killed and back"() {
      await stage.server.kill9();
      await wait(AWAY_MS);
      await stage.startServer();
    },
    async offline() {
      await setOffline(stage.openedBrowser, true);
      await wait(OFFLINE_MS);
      await setOffline(stage.openedBrowser, false);
    },
    "second tab, the first closed": () => crowd.openSecondTab(() => wait(TWO_TABS_MS), "the first closed"),
    "second tab, the first killed": () => crowd.openSecondTab(() => wait(TWO_TABS_MS), "the first killed"),
    "second tab, the second closed": () => crowd.openSecondTab(() => wait(TWO_TABS_MS), "the second closed"),
  };
}
