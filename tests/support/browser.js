// @ts-check
import { Builder } from "selenium-webdriver";
import { chromium } from "./browsers/chromium.js";
import { DriverProcess } from "./browsers/driver-process.js";
import { firefox } from "./browsers/firefox.js";
import { webkit } from "./browsers/webkit.js";
import { tempDir } from "./temp-dir.js";

/**
 * @typedef {import("selenium-webdriver").WebDriver} WebDriver
 * @typedef {import("./browsers/engine.js").Session} Session
 * @typedef {import("../../scripts/lib/find-browser.js").EngineName} EngineName
 */

const engines = { chromium, firefox, webkit };

/** The engine that this process's tests run in, as `UPFERRY_BROWSER` names it; Chromium when it names none. */
export const engine = engines[/** @type {EngineName} */ (process.env.UPFERRY_BROWSER || "chromium")];
if (!engine) throw new Error(`UPFERRY_BROWSER is one of ${Object.keys(engines).join(", ")}`);

/** @type {WeakMap<WebDriver, DriverProcess>} */
const processes = new WeakMap();

/**
 * Opens a browser of its own without a window to be seen; end it with `driver.quit()` or `kill9(driver)`.
 *
 * Only WebDriver is spoken to it: with Chromium's DevTools network domain on, uploads are an order of magnitude slower.
 * @param {{profileDir?: string, downloads?: string, args?: string[]}} [options] `profileDir` keeps storage over a restart
 * @returns {Promise<WebDriver>}
 */
export async function openBrowser({ profileDir = tempDir("profile"), downloads = tempDir("downloads"), args = [] } = {}) {
  const launch = await engine.launch({ profileDir, downloads, args });
  const process = await DriverProcess.start(launch.program, launch.args, launch.env);
  try {
    const driver = await new Builder().disableEnvironmentOverrides().usingServer(process.url).withCapabilities(launch.capabilities).build();
    const quit = driver.quit.bind(driver);
    driver.quit = () => quit().finally(() => process.end());
    processes.set(driver, process);
    return driver;
  } catch (error) {
    await process.end();
    throw error;
  }
}

/**
 * SIGKILLs every process of the browser at once, as a crash or a power cut does, and ends its driver.
 * @param {WebDriver} driver
 */
export function kill9(driver) {
  return processOf(driver).kill9();
}

/**
 * All processes of the browser.
 * @param {WebDriver} driver
 */
export function browserPids(driver) {
  return processOf(driver).browserPids;
}

/**
 * Tells the pages that the network is gone, or back; what that does to loopback differs from engine to engine.
 * @param {WebDriver} driver
 * @param {boolean} isOffline
 */
export async function setOffline(driver, isOffline) {
  await engine.setOffline(await sessionOf(driver), isOffline);
}

/**
 * Lets the site that is open store so many bytes and no more.
 * @param {WebDriver} driver
 * @param {number} bytes
 */
export async function limitStorage(driver, bytes) {
  await engine.limitStorage?.(await sessionOf(driver), bytes);
}

/**
 * The process of the present tab, where the browser tells; it may be killed without the rest of the browser.
 * @param {WebDriver} driver
 */
export async function pidToKill(driver) {
  return engine.pidToKill?.(await sessionOf(driver));
}

/**
 * What the browser's console has to complain about in the page that is open.
 * @param {WebDriver} driver
 */
export async function complaints(driver) {
  return engine.complaints(await sessionOf(driver));
}

/** @param {WebDriver} driver */
function processOf(driver) {
  const process = processes.get(driver);
  if (!process) throw new Error("that browser was not opened here");
  return process;
}

/**
 * @param {WebDriver} driver
 * @returns {Promise<Session>}
 */
async function sessionOf(driver) {
  const process = processOf(driver);
  const url = `${process.url}/session/${(await driver.getSession()).getId()}`;
  return {
    driver,
    log: () => process.log(),
    async send(method, path, body) {
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${url}/${path}`, { method, headers, body: body && JSON.stringify(body) });
      const { value } = /** @type {any} */ (await answer.json());
      if (!answer.ok) throw new Error(`${path}: ${value?.message}`);
      return value;
    },
  };
}
