// @ts-check
import { readFileSync } from "node:fs";
import { Failure } from "../../scripts/lib/failure.js";
import { findProgram } from "../../scripts/lib/find-program.js";
import { until } from "./until.js";

/**
 * The wrapper for `startServer` that runs the server under strace, which stays in the background (`-D`), so that the
 * pid is the server's own.
 * @param {string[]} args strace's further arguments
 * @returns {string[]}
 */
export function strace(...args) {
  const program = findProgram("strace");
  if (!program) throw new Failure("no strace to watch system calls with: install it (Debian: apt-get install strace).");
  // -I 2: it can be ended while the server goes on.
  return [program, "-D", "-f", "-I", "2", "--quiet=attach,exit,thread-execve", ...args, "--"];
}

/**
 * Runs the server with a system call failing or delayed, for all files or for one.
 * @param {string} calls comma-separated system calls
 * @param {string} what strace's injection, e.g. `error=EIO` or `delay_enter=5s`
 * @param {string} [path] only calls on this file
 */
export const injecting = (calls, what, path) =>
  strace("-o", "/dev/null", ...(path ? ["-P", path] : []), "-e", `trace=${calls}`, "-e", `inject=${calls}:${what}`);

/**
 * Ends the watching and every injection; the server goes on by itself.
 * @param {{pid: number}} server
 */
export async function endTrace({ pid }) {
  const tracer = tracerOf(pid);
  if (tracer) process.kill(tracer, "SIGTERM");
  await until("strace lets go of the server", () => tracerOf(pid) === 0);
}

/**
 * The process that traces another, 0 where there is none.
 * @param {number} pid
 */
export function tracerOf(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, "utf8").match(/^TracerPid:\s+(\d+)$/m)?.[1]);
}

/** The calls that put a finished file in its place. */
export const RENAMES = "rename,renameat,renameat2";
