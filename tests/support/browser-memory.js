// @ts-check
import { readFileSync, readdirSync } from "node:fs";
import { MIB } from "./bytes.js";

const EVERY_MS = 200;

/**
 * Watches how much memory all processes of a browser together have in RAM; what they share is counted once (PSS).
 * @param {import("selenium-webdriver").WebDriver} browser
 * @returns {Promise<{peakMib: () => number, stop: () => void}>}
 */
export async function watchMemory(browser) {
  const leader = (await browser.getCapabilities()).get("goog:processID");
  let peak = 0;
  const sample = () => (peak = Math.max(peak, residentBytes(leader)));
  sample();
  const timer = setInterval(sample, EVERY_MS);
  return { peakMib: () => Math.round(peak / MIB), stop: () => clearInterval(timer) };
}

/**
 * The sum over a process group: chromedriver starts the browser as the leader of one, and its children stay in it.
 * @param {number} leader
 */
function residentBytes(leader) {
  const members = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && groupOf(entry) === leader);
  return members.reduce((sum, pid) => sum + pss(pid), 0);
}

/** @param {string} pid */
function groupOf(pid) {
  // The name, in parentheses, may hold spaces and parentheses itself; state, parent and group follow it.
  const [, , group] = read(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ", 3);
  return Number(group);
}

/** @param {string} pid */
function pss(pid) {
  const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`)) ?? [];
  return Number(kib ?? 0) * 1024;
}

/** @param {string} path empty when the process has ended */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
