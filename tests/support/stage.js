// @ts-check
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { basename, join } from "node:path";
import { BenchPage } from "./bench-page.js";
import { kill9, openBrowser } from "./browser.js";
import { Proxy } from "./proxy.js";
import { startServer } from "./server.js";
import { tempDir } from "./temp-dir.js";
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
 */

/** What a script in the page may take: an upload of 300 MiB is done in a tenth of it. */
const LIMIT_MS = 60_000;

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
  const origin = options.secure === false ? `http://upferry.test:${proxy.port}` : proxy.url;
  const serverArgs = ["--static", testSite(), "--public-url", origin];
  const stage = new Stage(proxy, await startServer({ args: serverArgs }), { origin, serverArgs, ...options });
  t.after(() => stage.server.kill9());
  t.after(() => stage.browser?.quit());
  await stage.openBrowser();
  return stage;
}

export class Stage {
  /** @type {WebDriver | undefined} */
  browser;

  /** Where the browser puts what it downloads. */
  downloads = tempDir("downloads");

  #options;
  #profileDir = tempDir("profile");
  /** @type {BenchPage | undefined} */
  #page;

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
    this.#preferDownloads();
  }

  get openedBrowser() {
    assert.ok(this.browser);
    return this.browser;
  }

  /** The page for tests, as it was loaded last. */
  get page() {
    assert.ok(this.#page);
    return this.#page;
  }

  /** Starts the server anew after its end, at the same place and with the same data. */
  async startServer() {
    const { port, dataDir } = this.server;
    this.server = await startServer({ port, dataDir, args: this.#options.serverArgs });
  }

  /** Opens a browser with the same profile as the former one. */
  async openBrowser() {
    this.browser = await openBrowser({
      profileDir: this.#profileDir,
      args: ["--host-resolver-rules=MAP upferry.test 127.0.0.1"],
    });
    await this.browser.manage().setTimeouts({ script: LIMIT_MS });
    await this.visit();
  }

  /** Loads the page anew. */
  async visit() {
    const browser = this.openedBrowser;
    const { origin, path, place, options } = this.#options;
    await browser.get(origin + path);
    this.#page = new BenchPage(browser, place);
    if (path === "/e2e/") await this.#page.must("open", options);
  }

  /** SIGKILLs all of the browser. */
  async killBrowser() {
    const browser = this.openedBrowser;
    this.browser = undefined;
    await kill9(browser);
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

  /** Downloads go into a folder of ours without a question. */
  #preferDownloads() {
    const preferences = { download: { default_directory: this.downloads, prompt_for_download: false } };
    mkdirSync(join(this.#profileDir, "Default"));
    writeFileSync(join(this.#profileDir, "Default/Preferences"), JSON.stringify(preferences));
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
