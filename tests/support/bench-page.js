// @ts-check
import assert from "node:assert/strict";
import { By } from "selenium-webdriver";
import { limitStorage, pidToKill, setOffline } from "./browser.js";
import { isAlive } from "./process-tree.js";
import { tabProcess } from "./tab-process.js";
import { closeTab, inTab, openTab } from "./tabs.js";
import { until } from "./until.js";

/**
 * @typedef {import("selenium-webdriver").WebDriver} WebDriver
 * @typedef {import("./test-files.js").TestFile} TestFile
 * @typedef {{path: string}} Pickable
 */

/** What a call in the page may take: an upload of 300 MiB is done in a tenth of it. */
const LIMIT_MS = 60_000;

/** The uploader in the page for tests (tests/e2e/page), from the outside: one tab of the browser. */
export class BenchPage {
  #tab;
  /** @type {"bench" | "worker"} where the uploader lives */
  #place;

  /**
   * @param {WebDriver} browser
   * @param {string} tab
   * @param {"bench" | "worker"} place
   */
  constructor(browser, tab, place) {
    this.browser = browser;
    this.#tab = tab;
    this.#place = place;
  }

  /**
   * An empty tab, for a page.
   * @param {WebDriver} browser
   * @param {"window" | "tab"} type
   * @param {"bench" | "worker"} place
   */
  static async open(browser, type, place) {
    return new BenchPage(browser, await openTab(browser, type), place);
  }

  /**
   * Loads a page in this tab, or loads it anew.
   * @param {string} url
   */
  async load(url) {
    await this.#in(() => this.browser.get(url));
  }

  /** Waits until the page for tests takes calls: not every driver waits for a page's modules. */
  async ready() {
    await until("the page is ready", () => this.execute("return typeof begin === 'function'"));
  }

  async close() {
    await closeTab(this.browser, this.#tab);
  }

  /**
   * Tells this page that the network is gone, or back; most browsers tell their other pages, too.
   * @param {boolean} isOffline
   */
  async setOffline(isOffline) {
    await this.#in(() => setOffline(this.browser, isOffline));
  }

  /**
   * Lets the site store so many bytes and no more.
   * @param {number} bytes
   */
  async limitStorage(bytes) {
    await this.#in(() => limitStorage(this.browser, bytes));
  }

  /**
   * Gets everything ready to kill the process of this tab, which shows it; what comes back SIGKILLs it, as a crash does.
   * @returns {Promise<() => Promise<void>>}
   */
  async killer() {
    const pid = (await this.#in(() => pidToKill(this.browser))) ?? (await tabProcess(this));
    return async () => {
      process.kill(pid, "SIGKILL");
      await until("the end of the tab's process", () => !isAlive(pid));
    };
  }

  /**
   * Runs a script in the page. One that takes its time holds the other tabs up: better make it a call. What it leaves behind it
   * leaves on `window`: Firefox's driver has a `globalThis` of its own.
   * @param {string} script
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  execute(script, ...args) {
    return this.#in(() => this.browser.executeScript(script, ...args));
  }

  /**
   * Calls a method of the bench (tests/e2e/page/bench.js).
   * @param {string} method
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  async call(method, ...args) {
    const begun = await this.execute("return begin(...arguments)", this.#place, method, args);
    const take = () => this.execute("return take(...arguments)", begun.pending);
    const settled = begun.pending ? await until(`the answer to ${method}`, take, { limitMs: LIMIT_MS }) : begun;
    if ("thrown" in settled) throw new Error(`${method}: ${settled.thrown}`);
    return settled.result;
  }

  /**
   * The same, for a method that must succeed.
   * @param {string} method
   * @param {...unknown} args
   */
  async must(method, ...args) {
    const { ok, error } = await this.call(method, ...args);
    if (error) assert.fail(`${method}: ${JSON.stringify(error)}`);
    return ok;
  }

  /**
   * Picks files in the page's file input, in place of those picked before.
   * @param {...Pickable} files
   */
  async pick(...files) {
    await this.#in(async () => {
      const input = await this.browser.findElement(By.css("#file"));
      await this.browser.executeScript("arguments[0].value = ''", input);
      await input.sendKeys(files.map(({ path }) => path).join("\n"));
    });
  }

  /**
   * Picks a file and adds it.
   * @param {Pickable} file
   * @param {object} [options]
   * @returns {Promise<number>} the number of the upload on the bench
   */
  async start(file, options = {}) {
    await this.pick(file);
    const [number] = await this.must("add", options);
    return number;
  }

  /** @param {number} [number] */
  look(number = 0) {
    return this.call("look", number);
  }

  /**
   * Waits until an upload is in a state.
   * @param {string} state
   * @param {number} [number]
   */
  untilState(state, number = 0) {
    return until(`upload ${number} ${state}`, async () => {
      const now = await this.look(number);
      return now.state === state ? now : null;
    });
  }

  /**
   * Waits for the end of an upload that must succeed.
   * @param {number} [number]
   */
  done(number = 0) {
    return this.must("done", number);
  }

  /**
   * Resumes the interrupted upload with the picked file, and how that ends: whether `resume` or its upload's `done` says so.
   * @returns {Promise<any>}
   */
  async resumeOutcome() {
    const resumed = await this.call("resumeInterrupted");
    return resumed.error ? resumed : this.call("done", resumed.ok);
  }

  /** Errors, unhandled rejections and violations of the Content-Security-Policy, so far. */
  problems() {
    return this.execute("return problems");
  }

  /**
   * @template T
   * @param {() => Promise<T>} work
   */
  #in(work) {
    return inTab(this.browser, this.#tab, work);
  }
}
