// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { get } from "node:http";
import { basename, join } from "node:path";
import { BenchPage } from "./bench-page.js";
import { engine } from "./browser.js";
import { Proxy } from "./proxy.js";
import { startServer } from "./server.js";
import { SharedBrowser, sharedBrowser } from "./shared-browser.js";
import { sha256OfFile } from "./test-files.js";
import { testSite } from "./test-site.js";
import { until } from "./until.js";

/**
 * @typedef {import("selenium-webdriver").WebDriver} WebDriver
 * @typedef {import("./server.js").Server} Server
 * @typedef {import("./test-files.js").TestFile} TestFile
 *
 * @typedef {object} StageOptions
 * @property {boolean} [secure] false: the page's origin is plain http of another name than localhost's, which has no WebCrypto
 * @property {"bench" | "worker"} [place] where the uploader lives
 * @property {string} [path] of the page
 * @property {object} [options] for createUploader
 * @property {boolean} [keepAlive] of the proxy
 * @property {string[]} [browser] a browser of the test's own, with these flags, in place of the one that all tests of a file share
 */

/** Slow enough that nothing is over before a test has acted on it. */
export const SLOW = 64 * 1024 * 1024;

/**
 * Server, proxy and browser, with the page for tests open in it. All of them end with the test.
 * @param {import("node:test").TestContext} t
 * @param {StageOptions} [options]
 */
export async function openStage(t, options = {}) {
  const proxy = await Proxy.start();
  t.after(() => proxy.close());
  proxy.keepAlive = options.keepAlive ?? true;
  const origin = options.secure === false ? `http://${engine.insecureHost}:${proxy.port}` : proxy.url;
  const serverArgs = ["--static", testSite(), "--public-url", origin];
  const stage = new Stage(proxy, await startServer({ args: serverArgs }), { origin, serverArgs, ...options });
  t.after(() => stage.server.kill9());
  t.after(() => stage.closeBrowser());
  await stage.openBrowser();
  return stage;
}

export class Stage {
  #options;
  #browser;
  /** @type {WebDriver | undefined} */
  #driver;
  /** @type {BenchPage[]} the last one is the present one */
  #pages = [];
  #isOffline = false;

  /**
   * @param {Proxy} proxy
   * @param {Server} server
   * @param {StageOptions & {origin: string, serverArgs: string[]}} options
   */
  constructor(proxy, server, options) {
    this.proxy = proxy;
    this.server = server;
    this.#options = { place: /** @type {const} */ ("bench"), path: "/e2e/", options: { endpoint: "/uploads" }, ...options };
    proxy.target = server.port;
    this.#browser = options.browser ? new SharedBrowser(options.browser) : sharedBrowser;
  }

  get openedBrowser() {
    assert.ok(this.#driver);
    return this.#driver;
  }

  /** Where the browser puts what it downloads. */
  get downloads() {
    return this.#browser.downloads;
  }

  /** The host and port of the page. */
  get host() {
    return new URL(this.#options.origin).host;
  }

  /** The page in the tab that was opened last. */
  get page() {
    const page = this.#pages.at(-1);
    assert.ok(page);
    return page;
  }

  /** Starts the server anew after its end, at the same place and with the same data. */
  async startServer() {
    const { port, dataDir } = this.server;
    this.server = await startServer({ port, dataDir, args: this.#options.serverArgs });
  }

  /** Opens a tab of the browser with the page; a browser that was killed is opened again, with the same profile. */
  async openBrowser() {
    this.#driver = await this.#browser.driver;
    await this.openTab("tab");
  }

  /**
   * Opens the page in a further tab of the same browser, which becomes `page`. In a "window" of its own it leaves the others
   * visible; as a "tab" of the same window it hides the one that was open before.
   * @param {"window" | "tab"} [type]
   */
  async openTab(type = "window") {
    const page = await BenchPage.open(this.openedBrowser, type, this.#options.place);
    this.#pages.push(page);
    await this.visit(page);
    return page;
  }

  /** Closes a tab, as its user does. */
  async closeTab(page = this.page) {
    this.#pages.splice(this.#pages.indexOf(page), 1);
    await page.close();
  }

  /** SIGKILLs the process of a tab, as a crash does. The tab is lost for tests; if one sends chunks now, it must be this one. */
  async killTab(page = this.page) {
    await (await this.tabKiller(page))();
  }

  /** The same in two steps: the first one shows the tab, the second one, which is given back, need not. */
  async tabKiller(page = this.page) {
    const kill = await page.killer();
    return async () => {
      this.#pages.splice(this.#pages.indexOf(page), 1);
      await kill();
      this.proxy.wire.orphanPuts();
    };
  }

  /** Loads the page anew. */
  async visit(page = this.page) {
    const { origin, path, options } = this.#options;
    await page.load(origin + path);
    if (path.startsWith("/e2e/")) await page.ready();
    if (path === "/e2e/") await page.must("open", options);
  }

  /**
   * Takes the network away: the pages are told (`navigator.onLine`, the event), requests under way break off and new ones fail.
   * Chromium and Firefox tell all pages; WebKitGTK can't be told, so each page that is open is told in its place. Firefox and
   * WebKitGTK would still reach loopback, so in all of them the proxy goes away as well.
   */
  async goOffline() {
    this.proxy.unplug();
    await this.#setOffline(true);
  }

  async goOnline() {
    this.proxy.plugIn();
    await this.#setOffline(false);
  }

  /** SIGKILLs all of the browser. */
  async killBrowser() {
    this.#driver = undefined;
    this.#pages = [];
    await this.#browser.kill9();
  }

  /** Closes what this stage has opened of the browser. */
  async closeBrowser() {
    if (this.#isOffline && this.#driver) await this.#setOffline(false);
    if (this.#browser !== sharedBrowser) return this.#browser.close();
    for (const page of this.#pages.splice(0)) await page.close();
  }

  /**
   * Waits until the client has seen so many bytes confirmed.
   * @param {number} bytes
   */
  untilConfirmed(bytes) {
    return until(`${bytes} bytes confirmed`, () => this.proxy.wire.confirmedBytes() >= bytes);
  }

  /**
   * Asserts what every test does: the stored bytes are those of the file, on disk and read back, nothing confirmed went over
   * the wire again, and nothing was thrown past anybody, on either end.
   * @param {{uploadUrl: string, contentUrl: string, digest: string | null, size: number}} upload as it was done
   * @param {TestFile} file
   */
  async assertStored({ uploadUrl, contentUrl, digest, size }, file) {
    assert.equal(size, file.size);
    assert.equal(digest, file.sha256, "the digest the client was told");
    assert.equal(await sha256OfFile(this.storedAt(basename(uploadUrl))), file.sha256, "on disk");
    assert.equal(await this.#sha256Of(contentUrl), file.sha256, "read back");
    assert.deepEqual(await this.page.problems(), []);
    assert.doesNotMatch(this.server.log(), /panicked/);
    this.assertPromise();
  }

  /** Asserts that nothing the client had seen confirmed was sent again or lost. */
  assertPromise() {
    assert.deepEqual(this.proxy.violations(), []);
  }

  /**
   * What the server itself says of the n-th upload that went over the wire; a problem, once it is gone.
   * @param {number} number
   * @returns {Promise<any>}
   */
  async serverStatus(number) {
    const ids = [...new Set(this.proxy.wire.exchanges.flatMap(({ id }) => id ?? []))];
    return (await fetch(`${this.server.url}/uploads/${ids[number]}`)).json();
  }

  /**
   * Where the server keeps a finished file.
   * @param {string} id
   */
  storedAt(id) {
    return join(this.server.dataDir, "files", id.slice(0, 2), id.slice(2, 4), id);
  }

  /** @param {boolean} isOffline */
  async #setOffline(isOffline) {
    this.#isOffline = isOffline;
    for (const page of this.#pages) await page.setOffline(isOffline);
  }

  /** @param {string} contentUrl */
  #sha256Of(contentUrl) {
    const { pathname } = new URL(contentUrl, this.#options.origin);
    return new Promise((resolve, reject) => {
      get(this.server.url + pathname, (answer) => {
        const hash = createHash("sha256");
        answer.on("data", (part) => hash.update(part));
        answer.on("end", () => resolve(answer.statusCode === 200 ? hash.digest("hex") : `status ${answer.statusCode}`));
      }).on("error", reject);
    });
  }
}
