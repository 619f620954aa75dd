// @ts-check
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { countTests } from "./count.js";
import { root, targetDir } from "./paths.js";
import { run } from "./run.js";

/** @typedef {import("./count.js").Count} Count */

/**
 * Runs the node:test files of a folder (`*.test.js`, one after the other: the machine has few cores and the tests measure time).
 * @param {string} suite what its results are filed under
 * @param {string} folder
 * @param {number} limitMs
 * @param {Record<string, string>} env
 * @returns {Promise<Count & {leftOut: string[]}>} with the tests that this suite has not, and why (tests/support/engine-lacks.js)
 */
export async function nodeTests(suite, folder, limitMs, env) {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.js"))
    .sort()
    .map((name) => join(folder, name));
  const nothing = { passed: 0, failed: 0, skipped: 0 };
  if (files.length === 0) return { ...countTests(nothing, { code: 0, timedOut: false }), leftOut: [] };

  const results = join(targetDir, "test-results", `${suite}.json`);
  const leftOut = join(targetDir, "test-results", `${suite}-left-out.txt`);
  mkdirSync(join(results, ".."), { recursive: true });
  for (const path of [results, leftOut]) rmSync(path, { force: true });
  const end = await run(
    process.execPath,
    [
      "--test",
      "--test-concurrency=1",
      "--test-reporter=spec",
      "--test-reporter-destination=stdout",
      `--test-reporter=${join(root, "scripts/lib/count-reporter.js")}`,
      `--test-reporter-destination=${results}`,
      ...files,
    ],
    { limitMs, env: { ...env, UPFERRY_LEFT_OUT: leftOut } },
  );
  return {
    ...countTests(readCount(results) ?? nothing, end),
    leftOut: existsSync(leftOut) ? readFileSync(leftOut, "utf8").trimEnd().split("\n") : [],
  };
}

/**
 * The types as a user of the package sees them, and those of our own JavaScript.
 * @returns {Promise<Count>}
 */
export async function typeChecks() {
  const count = { passed: 0, failed: 0 };
  for (const project of ["tsconfig.json", "scripts/tsconfig.json", "bench/tsconfig.json"]) {
    const { code } = await run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "-p", project]);
    if (code === 0) count.passed += 1;
    else count.failed += 1;
  }
  return count;
}

/**
 * @param {string} path
 * @returns {{passed: number, failed: number, skipped: number} | null} null when the run ended before it could count
 */
function readCount(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
