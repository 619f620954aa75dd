// @ts-check
import { execFile } from "node:child_process";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { By } from "selenium-webdriver";
import { processorTime } from "./processor-time.js";

/**
 * @typedef {import("./contenders.js").Contender} Contender
 * @typedef {import("./contenders.js").Server} Server
 *
 * @typedef {object} Entry a contender that takes part
 * @property {Contender} contender
 * @property {Server} server
 *
 * @typedef {object} Sample one upload
 * @property {number} ms from the call that starts it until the page knows that it is done
 * @property {number} loadMs what the page took before to load the contender
 * @property {number} processorMs what browser and server used of the processors, all their processes together
 * @property {number} busy share of the machine that others used just before, 0 to 1
 */

const MIB = 1024 * 1024;
const UPLOAD_LIMIT_MS = 15 * 60_000;
const BUSY_SAMPLE_MS = 500;

/**
 * Rounds of one upload by each contender, in turn, so that what slows the machine down for a while hits all of them. The
 * first round warms caches up and counts for nothing; the digest of what arrived is compared in every round, that of a
 * sink, which would slow it down, in the first.
 * @param {import("selenium-webdriver").WebDriver} browser
 * @param {Entry[]} entries
 * @param {{path: string, size: number, sha256: string}} file
 * @param {number} count
 * @param {(text: string) => void} tell
 * @returns {Promise<Map<string, Sample[]>>} by the contender's key, one sample a round
 */
export async function measureRounds(browser, entries, file, count, tell) {
  await browser.manage().setTimeouts({ script: UPLOAD_LIMIT_MS });
  /** @type {Map<string, Sample[]>} */
  const samples = new Map(entries.map(({ contender }) => [contender.key, []]));
  for (let round = 0; round <= count; round++) {
    for (const { contender, server } of entries) {
      if (round === 0) await server.hashNext();
      const { url, ...sample } = await measureOne(browser, server, contender, file.path);
      assertWhole(contender, await server.take(url), file, round === 0);
      if (round > 0) samples.get(contender.key)?.push(sample);
      const busy = sample.busy > 0.1 ? `, with others on ${Math.round(sample.busy * 100)} % of the machine` : "";
      tell(`${round === 0 ? "warm-up" : `round ${round}`} ${contender.key}: ${speed(file.size, sample.ms).toFixed(0)} MiB/s${busy}`);
    }
  }
  return samples;
}

/**
 * @param {number} size bytes
 * @param {number} ms
 * @returns {number} MiB/s
 */
export const speed = (size, ms) => size / MIB / (ms / 1000);

/** @param {number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The median of what each round's ratio is: both of a pair were measured within seconds of each other.
 * @param {number[]} values
 * @param {number[]} baseline of the same rounds
 */
export const medianRatio = (values, baseline) => median(values.map((value, round) => value / baseline[round]));

/**
 * @param {import("selenium-webdriver").WebDriver} browser
 * @param {Server} server
 * @param {Contender} contender
 * @param {string} path
 * @returns {Promise<Sample & {url: string}>}
 */
async function measureOne(browser, server, contender, path) {
  // What the one before has left to be written would be written while this one is measured.
  await promisify(execFile)("sync");
  await browser.get(server.url);
  await browser.findElement(By.css("input")).sendKeys(path);
  const busy = await machineBusy();
  const processes = [(await browser.getCapabilities()).get("goog:processID"), server.pid];
  const before = processorTime(processes);
  /** @type {{ms: number, loadMs: number, url: string}} */
  const result = await browser.executeScript("return run(arguments[0])", contender.options ?? {});
  return { ...result, processorMs: processorTime(processes) - before, busy };
}

/**
 * @param {Contender} contender
 * @param {import("./contenders.js").Arrived} arrived
 * @param {{size: number, sha256: string}} file
 * @param {boolean} mustBeHashed
 */
function assertWhole(contender, arrived, file, mustBeHashed) {
  const isWhole = arrived.size === file.size && (arrived.sha256 === file.sha256 || (arrived.sha256 === null && !mustBeHashed));
  if (!isWhole) throw new Error(`${contender.key}: what arrived is not the file: ${JSON.stringify(arrived)} for ${JSON.stringify(file)}`);
}

/** The share of the processors' time that is used while nothing of the benchmark runs. */
async function machineBusy() {
  const before = processorTimes();
  await sleep(BUSY_SAMPLE_MS);
  const after = processorTimes();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function processorTimes() {
  const total = { idle: 0, all: 0 };
  for (const { times } of cpus()) {
    total.idle += times.idle;
    total.all += Object.values(times).reduce((sum, time) => sum + time);
  }
  return total;
}
