// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.js";
import { serverBinary } from "./server-binary.js";
import { tracerOf } from "./strace.js";
import { tempDir } from "./temp-dir.js";

/** Longer than any recovery a test provokes; a server that is not up by then never will be. */
const START_LIMIT_MS = 30_000;

/**
 * @typedef {object} ServerOptions
 * @property {string[]} [args] further command line flags, e.g. `["--static", dir]`
 * @property {Record<string, string>} [env] further environment variables
 * @property {string} [dataDir] default: a fresh one, removed when the test process exits
 * @property {number} [port] default: a free one; give the old one to bring a server back where it was
 * @property {string[]} [features] cargo features to build the server with
 * @property {string[]} [wrapper] a program and its arguments that run the server, and leave it the pid (`strace -D …`)
 *
 * @typedef {object} Server
 * @property {string} url origin without a trailing slash, `http://127.0.0.1:port`
 * @property {number} port
 * @property {number} pid
 * @property {string} dataDir
 * @property {Promise<{code: number | null, signal: NodeJS.Signals | null}>} exited
 * @property {(signal?: NodeJS.Signals) => Promise<{code: number | null, signal: NodeJS.Signals | null}>} stop sends the signal and waits for the end
 * @property {() => Promise<void>} kill9 SIGKILL, as a power cut for the process
 * @property {() => string} log all it wrote to stdout and stderr so far
 */

/**
 * Starts the real server as a process and resolves when `/healthz` answers.
 *
 * After a `kill9()`, `startServer({ port: old.port, dataDir: old.dataDir })` brings it back with the same data.
 * @param {ServerOptions} [options]
 * @returns {Promise<Server>}
 */
export async function startServer(options = {}) {
  const binary = await serverBinary(options.features);
  const port = options.port ?? (await freePort());
  const dataDir = options.dataDir ?? tempDir("data");
  const [program, ...args] = [...(options.wrapper ?? []), binary, "--listen", `127.0.0.1:${port}`, "--data-dir", dataDir];
  const child = spawn(program, [...args, ...(options.args ?? [])], {
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => (log += text));
  }
  const exited = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  killAtExit(child, exited);
  letGo(child);

  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended at its start:\n${log}`);
    if (Date.now() > deadline) throw new Error(`the server is not up after ${START_LIMIT_MS} ms:\n${log}`);
    await sleep(20);
  }

  /** @type {Server} */
  const server = {
    url,
    port,
    pid: /** @type {number} */ (child.pid),
    dataDir,
    get exited() {
      child.ref();
      return exited;
    },
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return server.exited;
    },
    async kill9() {
      const tracer = child.exitCode === null && child.pid ? tracerOf(child.pid) : 0;
      child.kill("SIGKILL");
      // A tracer that holds a call back would keep its victim for as long; the victim has its signal already.
      if (tracer) process.kill(tracer, "SIGKILL");
      await server.exited;
    },
    log: () => log,
  };
  return server;
}

/**
 * A server that a failed test left running must not keep the test process from ending.
 * @param {import("node:child_process").ChildProcess} child
 */
function letGo(child) {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) /** @type {import("node:net").Socket} */ (stream).unref();
}

/** @param {string} url */
async function isHealthy(url) {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

/**
 * A test that fails half-way must not leave its server behind.
 * @param {import("node:child_process").ChildProcess} child
 * @param {Promise<unknown>} exited
 */
function killAtExit(child, exited) {
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  void exited.then(() => process.off("exit", kill));
}
