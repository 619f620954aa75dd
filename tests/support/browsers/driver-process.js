// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../free-port.js";
import { descendants, isAlive } from "../process-tree.js";

const START_LIMIT_MS = 30_000;

/** A WebDriver server (chromedriver, geckodriver, WebKitWebDriver) with the browser that it starts. */
export class DriverProcess {
  #child;
  #exited;
  #log = "";

  /**
   * @param {string} url
   * @param {import("node:child_process").ChildProcess} child
   */
  constructor(url, child) {
    this.url = url;
    this.#child = child;
    this.#exited = once(child, "exit");
    // What a failed test leaves behind must neither stay nor keep the test process from ending.
    child.unref();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => (this.#log += text));
      /** @type {import("node:net").Socket} */ (stream).unref();
    }
    const killAll = () => this.#killAll();
    process.once("exit", killAll);
    void this.#exited.then(() => process.off("exit", killAll));
  }

  /**
   * @param {string} program
   * @param {(port: number) => string[]} args
   * @param {Record<string, string>} [env]
   */
  static async start(program, args, env = {}) {
    const port = await freePort();
    const child = spawn(program, args(port), { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const driver = new DriverProcess(`http://127.0.0.1:${port}`, child);
    for (const deadline = Date.now() + START_LIMIT_MS; !(await driver.#isReady()); await sleep(20)) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${program} does not start:\n${driver.log()}`);
    }
    return driver;
  }

  /** All that it and the browser wrote so far. */
  log() {
    return this.#log;
  }

  /** All processes of the browser. */
  get browserPids() {
    return descendants(/** @type {number} */ (this.#child.pid));
  }

  /** SIGKILLs all of the browser at once, as a crash or a power cut does, and ends its driver. */
  async kill9() {
    const victims = this.browserPids;
    for (const pid of victims) kill(pid);
    while (victims.some(isAlive)) await sleep(5);
    await this.end();
  }

  /** Ends what is left, after the browser was closed. */
  async end() {
    this.#killAll();
    this.#child.ref();
    await this.#exited;
  }

  #killAll() {
    for (const pid of [...this.browserPids, /** @type {number} */ (this.#child.pid)]) kill(pid);
  }

  async #isReady() {
    try {
      return (await fetch(`${this.url}/status`, { signal: AbortSignal.timeout(1000) })).ok;
    } catch {
      return false;
    }
  }
}

/** @param {number} pid */
function kill(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
  }
}
