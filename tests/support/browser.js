// @ts-check
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Driver, Options, ServiceBuilder } from "selenium-webdriver/chrome.js";
import { findChromium } from "../../scripts/lib/find-program.js";
import { root } from "../../scripts/lib/paths.js";
import { descendants, isAlive } from "./process-tree.js";

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
