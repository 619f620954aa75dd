// @ts-check
import assert from "node:assert/strict";
import { By } from "selenium-webdriver";
import { until } from "./until.js";

/**
 * @typedef {import("selenium-webdriver").WebDriver} WebDriver
 * @typedef {import("./test-files.js").TestFile} TestFile
 * @typedef {{path: string}} Pickable
 */

/** The uploader in the page for tests (tests/e2e/page), from the outside. */
export class BenchPage {
  /** @type {"bench" | "worker"} where the uploader lives */
  #place;

  /**
   * @param {WebDriver} browser
   * @param {"bench" | "worker"} place
   */
  constructor(browser, place) {
    this.browser = browser;
    this.#place = place;
  }

  /**
   * Calls a method of the bench (tests/e2e/page/bench.js).
   * @param {string} method
   * @param {...unknown} args
   * @returns {Promise<any>}
   */
  call(method, ...args) {
    const script = this.#place === "worker"
      ? "const [method, args] = arguments; return workerBench.call(method, ...args)"
      : "const [method, args] = arguments; return bench[method](...args)";
    return this.browser.executeScript(script, method, args);
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
    const input = await this.browser.findElement(By.css("#file"));
    await this.browser.executeScript("arguments[0].value = ''", input);
    await input.sendKeys(files.map(({ path }) => path).join("\n"));
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
    return this.browser.executeScript("return problems");
  }
}
