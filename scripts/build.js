// @ts-check
// Builds the npm package's generated half, pkg/: the wasm module, its JavaScript glue and its types.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { isMain, runMain } from "./lib/failure.js";
import { root, targetDir } from "./lib/paths.js";
import { mustRun } from "./lib/run.js";
import { setup } from "./setup.js";

const GLUE = ["upferry.js", "upferry.d.ts", "upferry_bg.wasm.d.ts"];
const TARGET = "wasm32-unknown-unknown";
const MODULE = "upferry_bg.wasm";

/** What rustc emits for wasm32 by default, and SIMD (.cargo/config.toml): wasm-opt refuses a module that uses more than it is told. */
const WASM_FEATURES = [
  "--enable-bulk-memory",
  "--enable-mutable-globals",
  "--enable-multivalue",
  "--enable-nontrapping-float-to-int",
  "--enable-reference-types",
  "--enable-sign-ext",
  "--enable-simd",
];

/** Compiles, binds and shrinks the wasm module; the last two only when the compiler's output or a tool changed. */
export async function build() {
  console.log("build: the wasm module");
  await mustRun("cargo", ["build", "--profile", "wasm", "--target", TARGET, "-p", "upferry", ...withoutOwnPaths()]);
  await mustRun("cargo", ["build", "-p", "upferry-bindgen"]);

  const compiled = join(targetDir, TARGET, "wasm/upferry.wasm");
  const binder = join(targetDir, "debug/upferry-bindgen");
  const stamp = join(targetDir, "pkg.stamp");
  const inputs = hash(compiled, binder, join(root, "node_modules/binaryen/package.json"), join(root, "scripts/build.js"));
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === inputs + hashOfPackage()) return;

  const bound = join(targetDir, "bound");
  rmSync(bound, { recursive: true, force: true });
  await mustRun(binder, [compiled, bound]);

  const pkg = join(root, "pkg");
  rmSync(pkg, { recursive: true, force: true });
  mkdirSync(pkg);
  for (const name of GLUE) copyFileSync(join(bound, name), join(pkg, name));
  await mustRun(process.execPath, [
    join(root, "node_modules/binaryen/bin/wasm-opt"),
    ...["-Oz", ...WASM_FEATURES, join(bound, MODULE), "-o", join(pkg, MODULE)],
  ]);
  writeFileSync(stamp, inputs + hashOfPackage());

  const module = readFileSync(join(pkg, MODULE));
  console.log(`build: pkg/${MODULE} is ${module.length} bytes, ${gzipSync(module, { level: 9 }).length} with gzip`);
}

/** The places of panics are kept in the module: without the folders of whoever has built it. */
function withoutOwnPaths() {
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const flags = [`--remap-path-prefix=${cargoHome}=cargo`, `--remap-path-prefix=${root}=upferry`];
  return ["--config", `target.${TARGET}.rustflags=${JSON.stringify(flags)}`];
}

function hashOfPackage() {
  return hash(...[...GLUE, MODULE].map((name) => join(root, "pkg", name)));
}

/** @param {string[]} paths files; one that is missing counts as empty */
function hash(...paths) {
  const all = createHash("sha256");
  for (const path of paths) all.update(existsSync(path) ? readFileSync(path) : "").update("\0");
  return all.digest("hex");
}

if (isMain(import.meta.url)) {
  await runMain(async () => {
    await setup();
    await build();
  });
}
