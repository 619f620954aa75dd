// @ts-check
import { mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { demoDir, root } from "./paths.js";

/** Lays out what the demo's server serves: the page, and beside it the package as `upferry/`, as links into the work tree. */
export function assembleDemo() {
  rmSync(demoDir, { recursive: true, force: true });
  mkdirSync(join(demoDir, "upferry"), { recursive: true });
  for (const entry of readdirSync(join(root, "www"))) symlinkSync(join(root, "www", entry), join(demoDir, entry));
  for (const folder of ["js", "pkg"]) symlinkSync(join(root, folder), join(demoDir, "upferry", folder));
}
