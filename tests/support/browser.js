// @ts-check
import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Driver, Options, ServiceBuilder } from "selenium-webdriver/chrome.js";
import { findChromium } from "../../scripts/lib/find-program.js";
import { root } from "../../scripts/lib/paths.js";

/** @typedef {import("selenium-webdriver").WebDriver} WebDriver */

/**
 * The flags that the wasm tests' runner reads too.
 * @type {string[]}
 */
const flags = JSON.parse(readFileSync(`${root}/webdriver.json`, "utf8"))["goog:chromeOptions"].args;

/** @type {WeakMap<WebDriver, ReturnType<ServiceBuilder["build"]>>} */
const services = new WeakMap();

/**
 * Opens a headless Chromium of its own; end it with `driver.quit()` or `kill9(driver)`.
 *
 * Only WebDriver is spoken to it: with the DevTools network domain on, uploads are an order of magnitude slower.
 * @param {{profileDir?: string, args?: string[]}} [options] `profileDir` keeps storage over a restart
 * @returns {Promise<WebDriver>}
 */
export async function openBrowser({ profileDir, args = [] } = {}) {
  const { browser, driver: driverPath } = findChromium();
  const options = new Options();
  options.setChromeBinaryPath(browser);
  options.addArguments(...flags, ...args);
  if (profileDir) options.addArguments(`--user-data-dir=${profileDir}`);
  const service = new ServiceBuilder(driverPath).build();
  const driver = Driver.createSession(options, service);
  await driver.getSession();
  services.set(driver, service);
  return driver;
}

/**
 * SIGKILLs every process of the browser at once, as a crash or a power cut does, and ends its driver.
 * @param {WebDriver} driver
 */
export async function kill9(driver) {
  const browser = (await driver.getCapabilities()).get("goog:processID");
  const victims = [browser, ...descendants(browser)];
  for (const pid of victims) kill(pid);
  while (victims.some(isAlive)) await sleep(5);
  await services.get(driver)?.kill();
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}

/** @param {number} pid */
function isAlive(pid) {
  const found = stat(pid);
  return found !== null && found.state !== "Z";
}

/**
 * @param {number} ancestor
 * @returns {number[]}
 */
function descendants(ancestor) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = stat(Number(entry))?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found = [];
  for (let queue = [ancestor]; queue.length > 0; ) {
    const next = queue.flatMap((pid) => children.get(pid) ?? []);
    found.push(...next);
    queue = next;
  }
  return found;
}

/**
 * @param {number} pid
 * @returns {{state: string, parent: number} | null} null when it has ended
 */
function stat(pid) {
  try {
    // The name, in parentheses, may hold spaces and parentheses itself; the state and the parent follow it.
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ", 2);
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}
