// @ts-check
import { readFileSync } from "node:fs";
import { browserPids } from "./browser.js";
import { MIB } from "./bytes.js";

const EVERY_MS = 200;

/**
 * Watches how much memory all processes of a browser together have in RAM; what they share is counted once (PSS).
 * @param {import("selenium-webdriver").WebDriver} browser
 * @returns {{peakMib: () => number, stop: () => void}}
 */
export function watchMemory(browser) {
  let peak = 0;
  const sample = () => (peak = Math.max(peak, residentBytes(browser)));
  sample();
  const timer = setInterval(sample, EVERY_MS);
  return { peakMib: () => Math.round(peak / MIB), stop: () => clearInterval(timer) };
}

/** @param {import("selenium-webdriver").WebDriver} browser */
function residentBytes(browser) {
  return browserPids(browser).reduce((sum, pid) => sum + pss(pid), 0);
}

/** @param {number} pid */
function pss(pid) {
  try {
    const [, kib] = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
    return Number(kib) * 1024;
  } catch {
    return 0; // It has ended meanwhile.
  }
}
