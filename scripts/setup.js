// @ts-check
// Makes sure that what the other scripts need is there, installs what can be installed, and names what cannot.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { Failure, isMain, runMain } from "./lib/failure.js";
import { findProgram } from "./lib/find-program.js";
import { root } from "./lib/paths.js";
import { run } from "./lib/run.js";

const TARGET = "wasm32-unknown-unknown";

/** Checks Node and Rust, adds the wasm target and the npm packages where they are missing. */
export async function setup() {
  checkNode();
  checkRust();
  await addWasmTarget();
  await installPackages();
}

/** Adds what only the tests need of Rust. */
export async function setupLints() {
  for (const [component, command] of [
    ["rustfmt", "cargo-fmt"],
    ["clippy", "cargo-clippy"],
  ]) {
    if (output(command, ["--version"]) === null) await rustup(`the Rust component ${component}`, "component", component);
  }
}

function checkNode() {
  const wanted = Number(/** @type {string} */ (manifest().engines.node).match(/\d+/)?.[0]);
  if (Number(process.versions.node.split(".")[0]) < wanted) {
    throw new Failure(`Node ${process.versions.node} is too old: install Node ${wanted} or newer from https://nodejs.org.`);
  }
}

function checkRust() {
  // A shell that was open before rustup ran does not have it on its PATH yet.
  process.env.PATH += delimiter + join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "bin");
  if (!findProgram("cargo")) throw new Failure("Rust is missing: install it from https://rustup.rs.");
  const wanted = readFileSync(join(root, "Cargo.toml"), "utf8").match(/^rust-version = "1\.(\d+)"/m)?.[1];
  const version = output("rustc", ["--version"])?.match(/1\.(\d+)/)?.[1];
  if (Number(version ?? 0) < Number(wanted)) {
    throw new Failure(`Rust 1.${wanted} or newer is needed: run "rustup update stable", or install it from https://rustup.rs.`);
  }
  if (!findProgram("cc")) {
    throw new Failure("a C compiler is missing (SQLite is built with it): install one (Debian: apt-get install gcc libc6-dev).");
  }
}

async function addWasmTarget() {
  const folder = output("rustc", ["--print", "target-libdir", "--target", TARGET])?.trim();
  if (folder && existsSync(folder) && readdirSync(folder).some((name) => name.startsWith("libcore"))) return;
  await rustup(`the Rust target ${TARGET}`, "target", TARGET);
}

/**
 * @param {string} what
 * @param {"target" | "component"} kind
 * @param {string} name
 */
async function rustup(what, kind, name) {
  if (!findProgram("rustup")) {
    throw new Failure(`${what} is missing and there is no rustup to add it: install Rust from https://rustup.rs.`);
  }
  console.log(`setup: adding ${what}`);
  const { code } = await run("rustup", [kind, "add", name]);
  if (code !== 0) {
    throw new Failure(`rustup could not add ${what} (see above): "rustup ${kind} add ${name}" has to work, which needs a network.`);
  }
}

async function installPackages() {
  if (packagesMatch()) return;
  console.log("setup: installing the npm packages of package-lock.json");
  const { code } = await run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
  if (code !== 0) throw new Failure('npm could not install the packages (see above): "npm ci" has to work, which needs a network.');
}

/** Whether node_modules holds what the lock file names; packages for other platforms may be missing. */
function packagesMatch() {
  const installedLock = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedLock)) return false;
  const installed = JSON.parse(readFileSync(installedLock, "utf8")).packages;
  const locked = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(locked).every(
    ([path, { version, optional }]) => path === "" || (installed[path] ? installed[path].version === version : optional),
  );
}

function manifest() {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
}

/**
 * What a program prints, or null when it fails.
 * @param {string} program
 * @param {string[]} args
 */
function output(program, args) {
  try {
    return execFileSync(program, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return null;
  }
}

if (isMain(import.meta.url)) await runMain(setup);
