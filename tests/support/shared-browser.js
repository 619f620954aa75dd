// @ts-check
import { after } from "node:test";
import { kill9, openBrowser } from "./browser.js";
import { tempDir } from "./temp-dir.js";

/** @typedef {import("selenium-webdriver").WebDriver} WebDriver */

/** What a script in the page may take. */
const LIMIT_MS = 60_000;

/**
 * A browser with the profile it keeps over a restart. One serves all tests of a file: each test has an origin (a port) of its
 * own, so it sees nothing of what another one stored, and a start takes seconds.
 */
export class SharedBrowser {
  /** Where the browser puts what it downloads. */
  downloads = tempDir("downloads");

  #profileDir = tempDir("profile");
  #args;
  /** @type {Promise<WebDriver> | undefined} */
  #driver;

  /** @param {string[]} [args] further command line flags */
  constructor(args = []) {
    this.#args = args;
  }

  /** Opened when it is asked for, and again after its end. */
  get driver() {
    this.#driver ??= this.#open();
    return this.#driver;
  }

  get isOpen() {
    return this.#driver !== undefined;
  }

  /** SIGKILLs all of it. */
  async kill9() {
    const driver = await this.driver;
    this.#driver = undefined;
    await kill9(driver);
  }

  async close() {
    const driver = this.#driver;
    this.#driver = undefined;
    await (await driver)?.quit();
  }

  async #open() {
    const driver = await openBrowser({ profileDir: this.#profileDir, downloads: this.downloads, args: this.#args });
    await driver.manage().setTimeouts({ script: LIMIT_MS });
    return driver;
  }
}

/** That of the tests of this file. */
export const sharedBrowser = new SharedBrowser();

after(() => sharedBrowser.close());
