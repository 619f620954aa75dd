// @ts-check
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { installedProject } from "./installed.js";

const run = promisify(execFile);

/**
 * Runs a module in a project that has Upferry installed, as `node` would run a file there.
 * @param {string} project
 * @param {string} source prints JSON
 */
async function evaluate(project, source) {
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", source], { cwd: project });
  return JSON.parse(stdout);
}

test("importing the package in Node works and touches no global", async () => {
  const project = await installedProject();
  const seen = await evaluate(
    project,
    `
    // What a browser has and what a module could be tempted to look at: reading any of it while loading is noted.
    const names = ["window", "document", "navigator", "location", "indexedDB", "localStorage", "Worker", "BroadcastChannel",
      "fetch", "crypto", "WebAssembly", "customElements", "addEventListener", "setTimeout", "setInterval", "queueMicrotask"];
    const touched = [];
    const real = new Map();
    for (const name of names) {
      real.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
      Object.defineProperty(globalThis, name, { configurable: true, get() { touched.push(name); } });
    }
    const before = Reflect.ownKeys(globalThis).length;
    const { createUploader } = await import("upferry");
    const after = Reflect.ownKeys(globalThis).length;
    const noted = [...touched];
    for (const [name, own] of real) own ? Object.defineProperty(globalThis, name, own) : delete globalThis[name];
    console.log(JSON.stringify({ touched: noted, added: after - before, createUploader: typeof createUploader }));
    `,
  );
  assert.deepEqual(seen, { touched: [], added: 0, createUploader: "function" });
});

test("the wasm module has an export of its own, for those who place it themselves", async () => {
  const project = await installedProject();
  const url = await evaluate(project, `console.log(JSON.stringify(import.meta.resolve("upferry/upferry_bg.wasm")))`);
  assert.ok(existsSync(fileURLToPath(url)), url);
});
