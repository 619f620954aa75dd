// @ts-check
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { countTests } from "./count.js";
import { findChromium } from "./find-browser.js";
import { root, targetDir } from "./paths.js";
import { mustRun, run } from "./run.js";

/** @typedef {import("./count.js").Count} Count */

const WASM_TARGET = ["-p", "upferry", "--target", "wasm32-unknown-unknown"];
const HOST_CRATES = ["--workspace", "--exclude", "upferry"];

/** @type {() => Promise<Count>} */
export async function format() {
  return one(await run("cargo", ["fmt", "--all", "--check"]));
}

/** @type {() => Promise<Count>} */
export async function lint() {
  const strict = ["--all-targets", "--", "-D", "warnings"];
  const host = one(await run("cargo", ["clippy", ...HOST_CRATES, ...strict]));
  const wasm = one(await run("cargo", ["clippy", ...WASM_TARGET, ...strict]));
  return { passed: host.passed + wasm.passed, failed: host.failed + wasm.failed };
}

/**
 * The tests of the crates that run on the host.
 * @param {number} limitMs
 * @returns {Promise<Count>}
 */
export async function hostTests(limitMs) {
  return cargoTest([...HOST_CRATES, "--no-fail-fast"], { limitMs });
}

/**
 * The tests of the wasm module in headless Chromium: those that `wasm-pack test --headless --chrome` runs.
 * @param {number} limitMs
 * @returns {Promise<Count>}
 */
export async function wasmTests(limitMs) {
  await mustRun("cargo", ["build", "-p", "upferry-wasm-test-runner"]);
  const { browser, driver } = findChromium();
  return cargoTest([...WASM_TARGET, "--no-fail-fast"], {
    limitMs,
    env: {
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: join(targetDir, "debug/upferry-wasm-test-runner"),
      CHROMEDRIVER: driver,
      WASM_BINDGEN_TEST_WEBDRIVER_JSON: capabilitiesFor(browser),
      WASM_BINDGEN_TEST_ONLY_WEB: "1",
      // The runner's own limit of 20 s is too near on a loaded machine.
      WASM_BINDGEN_TEST_TIMEOUT: "120",
    },
  });
}

/**
 * The capabilities of webdriver.json, for the browser that was found and not the one that its driver would pick.
 * @param {string} browser
 * @returns {string} the path of a file
 */
function capabilitiesFor(browser) {
  const capabilities = JSON.parse(readFileSync(join(root, "webdriver.json"), "utf8"));
  capabilities["goog:chromeOptions"].binary = browser;
  const path = join(targetDir, "webdriver.json");
  writeFileSync(path, JSON.stringify(capabilities));
  return path;
}

/**
 * Runs `cargo test` and adds up its "test result" lines.
 * @param {string[]} args
 * @param {import("./run.js").RunOptions} options
 */
async function cargoTest(args, options) {
  const tests = { passed: 0, failed: 0, skipped: 0 };
  const end = await run("cargo", ["test", ...args], {
    ...options,
    onLine(line) {
      const [, passed, failed, ignored] = line.match(/^test result: .*?(\d+) passed; (\d+) failed; (\d+) ignored/) ?? [];
      tests.passed += Number(passed ?? 0);
      tests.failed += Number(failed ?? 0);
      tests.skipped += Number(ignored ?? 0);
    },
  });
  return countTests(tests, end);
}

/**
 * A check that passes or fails as a whole.
 * @param {{code: number | null}} end
 * @returns {Count}
 */
function one({ code }) {
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
