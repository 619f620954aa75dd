// @ts-check
import { spawn } from "node:child_process";
import { once } from "node:events";

/** @type {Promise<string> | undefined} */
let display;

/**
 * The name of an X display in memory, one for this process: WebKitGTK has no headless mode, and no window of a test should
 * cover somebody's work.
 * @param {string} program Xvfb
 */
export function displayInMemory(program) {
  display ??= startDisplay(program);
  return display;
}

/** @param {string} program */
async function startDisplay(program) {
  const child = spawn(program, ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  process.once("exit", () => child.kill("SIGKILL"));
  child.unref();
  // It stays open: a display that could not finish its line would end.
  const pipe = /** @type {import("node:net").Socket} */ (child.stdio[3]);
  const [number] = await once(pipe.setEncoding("utf8"), "data");
  pipe.unref();
  return `:${number.trim()}`;
}
