// @ts-check
import assert from "node:assert/strict";
import { basename } from "node:path";

/**
 * @typedef {import("../stage.js").Stage} Stage
 * @typedef {import("../test-files.js").TestFile} TestFile
 * @typedef {{uploadUrl: string, contentUrl: string, digest: string | null, size: number}} Done
 */

/** Upferry's options: its defaults, but for where the server is and what it asks for. */
const OPEN = `
  const [endpoint, tokenUrl] = arguments;
  return bench.open({ endpoint, parallelFiles: 5, headers: async () => ({ Authorization: "Bearer " + await (await fetch(tokenUrl, { signal: AbortSignal.timeout(5000) })).text() }) });`;

/** The states in which an upload needs nobody; a failed one, or one that waits for a click, is what must not be. */
const FINE = /^(queued|checking|uploading|completing|complete|waiting (offline|retry|other-tab))$/;

/** Several uploads at a time in the page for tests, replaced as they end. */
export class Crowd {
  /** @type {{file: TestFile, done: Done}[]} */
  ended = [];
  /**
   * The names of files that ended while they were picked in a tab which has been closed: they may have been picked just after
   * their end, and then were begun anew there.
   * @type {Set<string>}
   */
  left = new Set();

  #stage;
  #tokenUrl;
  #files;
  /** @type {Map<number, TestFile>} what is uploading, by its number on the bench */
  #active = new Map();

  /**
   * @param {Stage} stage
   * @param {string} tokenUrl
   * @param {Generator<TestFile, never>} files
   */
  constructor(stage, tokenUrl, files) {
    this.#stage = stage;
    this.#tokenUrl = tokenUrl;
    this.#files = files;
  }

  /** How many have not ended. */
  get size() {
    return this.#active.size;
  }

  /** Makes the page's uploader. */
  async open() {
    const { page, proxy } = this.#stage;
    const { error } = await page.execute(OPEN, `${proxy.url}/uploads`, this.#tokenUrl);
    assert.equal(error, undefined);
  }

  /**
   * Adds files until so many are uploading.
   * @param {number} count
   */
  async fill(count) {
    while (this.#active.size < count) await this.#pick([this.#files.next().value]);
  }

  /** Looks at all of them, and takes those that have ended. */
  async look() {
    const numbers = [...this.#active.keys()];
    const shown = await this.#stage.page.execute("return arguments[0].map((number) => bench.look(number))", numbers);
    for (const [at, { state, reason }] of shown.entries()) await this.#take(numbers[at], reason ? `${state} ${reason}` : state);
  }

  /** Loads the page anew, and picks again what has not ended. */
  async reload() {
    await this.look();
    await this.#leave(this.#stage.page);
    await this.#stage.visit();
    await this.#pickAgain();
  }

  /**
   * Picks what has not ended in a second tab, too, and goes on with the tab that is left after a while.
   * @param {() => Promise<void>} wait
   * @param {"the first closed" | "the first killed" | "the second closed"} end
   */
  async openSecondTab(wait, end) {
    await this.look();
    const [first, uploads] = [this.#stage.page, this.#active];
    await this.#stage.openTab();
    await this.#pickAgain();
    await wait();
    await this.look();
    if (end === "the first killed") return this.#stage.killTab(first);
    const closed = end === "the first closed" ? first : this.#stage.page;
    await this.#leave(closed);
    await this.#stage.closeTab(closed);
    if (closed === first) return;
    const files = [...uploads.values()];
    for (const [number, file] of uploads) if (!this.#isActive(file)) uploads.delete(number);
    this.#active = uploads;
    await this.look();
    for (const file of files) if (!this.#isActive(file)) this.left.add(basename(file.path));
  }

  /** What the page shows of those that have not ended. */
  async describe() {
    const shown = await Promise.all([...this.#active].map(async ([number, { size }]) => {
      const { name, state, reason, progress } = await this.#stage.page.look(number);
      return `${name}: ${state} ${reason ?? ""}, ${progress.confirmed} of ${size} bytes`;
    }));
    return shown.join("\n");
  }

  /** A page must not have had problems when it goes. @param {import("../bench-page.js").BenchPage} page */
  async #leave(page) {
    assert.deepEqual(await page.problems(), []);
  }

  /** In a page that knows of nothing yet. */
  async #pickAgain() {
    const files = [...this.#active.values()];
    this.#active = new Map();
    await this.open();
    if (files.length > 0) await this.#pick(files);
  }

  /** @param {TestFile} file */
  #isActive(file) {
    return [...this.#active.values()].includes(file);
  }

  /** @param {TestFile[]} files */
  async #pick(files) {
    const { page } = this.#stage;
    await page.pick(...files);
    const numbers = await page.must("add");
    for (const [at, file] of files.entries()) this.#active.set(numbers[at], file);
  }

  /**
   * @param {number} number
   * @param {string} state
   */
  async #take(number, state) {
    const file = /** @type {TestFile} */ (this.#active.get(number));
    if (!FINE.test(state)) {
      const outcome = state === "failed" ? await this.#stage.page.call("done", number) : "";
      assert.fail(`${file.path} of ${file.size} bytes is ${state} ${JSON.stringify(outcome)}`);
    }
    if (state !== "complete") return;
    this.ended.push({ file, done: await this.#stage.page.done(number) });
    this.#active.delete(number);
  }
}
