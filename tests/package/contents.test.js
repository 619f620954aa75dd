// @ts-check
import assert from "node:assert/strict";
import { cpSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib/paths.js";
import { tempDir } from "../support/temp-dir.js";
import { contents, pack } from "./installed.js";

/** Nothing but what a user needs: the hand-written half, the generated half, and the papers. */
const EXPECTED = [
  ...readdirSync(join(root, "js"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1)),
  ...["upferry.js", "upferry.d.ts", "upferry_bg.wasm", "upferry_bg.wasm.d.ts"].map((name) => `pkg/${name}`),
  ...["LICENSE-APACHE", "LICENSE-MIT", "README.md", "package.json"],
].sort();

test("the tarball holds the package, and nothing else", async () => {
  assert.deepEqual(await contents(await pack()), EXPECTED);
});

test("what wasm-pack leaves in pkg/ changes nothing", async () => {
  const copy = tempDir("package");
  for (const path of ["js", "pkg", "package.json", "README.md", "LICENSE-MIT", "LICENSE-APACHE"]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  writeFileSync(join(copy, "pkg/.gitignore"), "*\n");
  writeFileSync(join(copy, "pkg/package.json"), '{"name": "other", "files": ["nothing"], "main": "upferry.js"}\n');
  assert.deepEqual(await contents(await pack(copy)), EXPECTED);
});

test("the module does not tell where it was built", () => {
  const module = readFileSync(join(root, "pkg/upferry_bg.wasm"), "latin1");
  for (const folder of [root, process.env.CARGO_HOME ?? join(homedir(), ".cargo")]) {
    assert.ok(!module.includes(folder), `it has the path ${folder}`);
  }
});
