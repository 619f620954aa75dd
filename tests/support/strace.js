// @ts-check
import { Failure } from "../../scripts/lib/failure.js";
import { findProgram } from "../../scripts/lib/find-program.js";

/**
 * The wrapper for `startServer` that runs the server under strace, which stays in the background (`-D`), so that the
 * pid is the server's own.
 * @param {string[]} args strace's further arguments
 * @returns {string[]}
 */
export function strace(...args) {
  const program = findProgram("strace");
  if (!program) throw new Failure("no strace to watch system calls with: install it (Debian: apt-get install strace).");
  return [program, "-D", "-f", "--quiet=attach,exit,thread-execve", ...args, "--"];
}

/**
 * Runs the server with a system call failing or delayed, for all files or for one.
 * @param {string} calls comma-separated system calls
 * @param {string} what strace's injection, e.g. `error=EIO:when=1` or `delay_enter=5s`
 * @param {string} [path] only calls on this file
 */
export const injecting = (calls, what, path) =>
  strace("-o", "/dev/null", ...(path ? ["-P", path] : []), "-e", `trace=${calls}`, "-e", `inject=${calls}:${what}`);

/** The calls that put a finished file in its place. */
export const RENAMES = "rename,renameat,renameat2";
