// @ts-check
// Proves the dependency rules of the architecture with `cargo tree`: protocol <- engine <- root, protocol <- server, and
// neither the protocol nor the engine knows a browser, a runtime, a clock or a source of randomness.
import { execFileSync } from "node:child_process";
import { isMain } from "./lib/failure.js";
import { root } from "./lib/paths.js";

/** Crates that reach outside: the web, an async runtime, the clock, randomness. A trailing * stands for any ending. */
const OUTSIDE = [
  ...["wasm-bindgen*", "web-sys", "js-sys", "gloo*", "serde-wasm-bindgen", "idb", "web-time", "instant"],
  ...["tokio*", "async-std", "smol", "mio", "axum*", "hyper*", "tower*", "reqwest", "ureq", "rusqlite"],
  ...["getrandom", "rand", "uuid", "time", "chrono", "jiff"],
];

/** What each crate must not depend on, at any depth; tests may. */
const RULES = [
  { crate: "upferry-protocol", never: ["upferry-*", "upferry", ...OUTSIDE] },
  { crate: "upferry-engine", never: ["upferry-sim", "upferry-server", "upferry", ...OUTSIDE] },
  { crate: "upferry-server", never: ["upferry-engine", "upferry-sim", "upferry", "wasm-bindgen*", "web-sys"] },
  // As it is built; elsewhere wasm-bindgen-futures runs on tokio.
  { crate: "upferry", target: "wasm32-unknown-unknown", never: ["upferry-server", "upferry-sim", "tokio*", "axum*", "hyper*"] },
];

/** @returns {{passed: number, failed: number}} */
export function checkDependencies() {
  const count = { passed: 0, failed: 0 };
  for (const { crate, target = "all", never } of RULES) {
    const broken = dependencies(crate, target).filter((name) => never.some((pattern) => matches(name, pattern)));
    if (broken.length === 0) {
      console.log(`ok: ${crate} keeps to its layer`);
      count.passed += 1;
    } else {
      console.log(`NOT ok: ${crate} depends on ${broken.join(", ")}; see why with "cargo tree -e normal -p ${crate} -i ${broken[0]}"`);
      count.failed += 1;
    }
  }
  return count;
}

/**
 * The names of all that a crate depends on, tests and build scripts aside.
 * @param {string} crate
 * @param {string} target a target triple, or "all"
 */
function dependencies(crate, target) {
  const tree = execFileSync(
    "cargo",
    ["tree", "-p", crate, "--edges", "normal,no-proc-macro", "--target", target, "--prefix", "none", "--format", "{p}"],
    { cwd: root, encoding: "utf8" },
  );
  const names = new Set(tree.split("\n").map((line) => line.split(" ", 1)[0]));
  if (!names.delete(crate)) throw new Error(`cargo tree says nothing of ${crate}`);
  return [...names].filter(Boolean);
}

/**
 * @param {string} name
 * @param {string} pattern
 */
function matches(name, pattern) {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

if (isMain(import.meta.url) && checkDependencies().failed > 0) process.exitCode = 1;
