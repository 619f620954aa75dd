// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";
import { stripVTControlCharacters } from "node:util";
import { Failure } from "./failure.js";
import { root } from "./paths.js";

/**
 * @typedef {object} RunOptions
 * @property {Record<string, string | undefined>} [env] on top of this process's environment; undefined removes a variable
 * @property {number} [limitMs] the process is killed after this time
 * @property {(line: string) => void} [onLine] sees each line of the output, without colours; it is streamed all the same
 */

/**
 * Runs a program in the root of the work tree and streams its output.
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<{code: number | null, timedOut: boolean}>} code is null when a signal ended it
 */
export async function run(program, args, { env, limitMs, onLine } = {}) {
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", onLine ? "pipe" : "inherit", onLine ? "pipe" : "inherit"],
    // Of its own group, so that the limit also ends what it started. Ctrl-C is passed on by hand for the same reason.
    detached: true,
  });
  const killGroup = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      if (child.pid) process.kill(-child.pid, signal);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH") throw error;
    }
  };
  const onSignal = (/** @type {NodeJS.Signals} */ signal) => {
    killGroup(signal);
    process.exit(130);
  };
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  for (const signal of signals) process.on(signal, onSignal);

  let timedOut = false;
  const timer = limitMs && setTimeout(() => ((timedOut = true), killGroup("SIGKILL")), limitMs);
  if (onLine) {
    forEachLine(child.stdout, process.stdout, onLine);
    forEachLine(child.stderr, process.stderr, onLine);
  }
  try {
    const [code] = await once(child, onLine ? "close" : "exit");
    return { code, timedOut };
  } finally {
    clearTimeout(timer || undefined);
    for (const signal of signals) process.off(signal, onSignal);
  }
}

/**
 * Runs a program that has to succeed: its own output says why it did not.
 * @param {string} program
 * @param {string[]} args
 * @param {RunOptions} [options]
 */
export async function mustRun(program, args, options) {
  const { code } = await run(program, args, options);
  if (code !== 0) throw new Failure(`${program} ${args.join(" ")} failed: see its output above.`);
}

/**
 * @param {import("node:stream").Readable | null} from
 * @param {NodeJS.WriteStream} to
 * @param {(line: string) => void} onLine
 */
function forEachLine(from, to, onLine) {
  let rest = "";
  from?.setEncoding("utf8").on("data", (text) => {
    to.write(text);
    const lines = (rest + stripVTControlCharacters(text)).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  });
  from?.on("end", () => rest && onLine(rest));
}
