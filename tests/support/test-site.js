// @ts-check
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib/paths.js";
import { tempDir } from "./temp-dir.js";

/**
 * Lays out what the server serves in tests, as links into the work tree: the demo at `/`, the page for tests at `/e2e/`, and the
 * package beside each of them as `upferry/`.
 * @returns {string} the folder
 */
export function testSite() {
  const site = tempDir("site");
  layOut(join(root, "www"), site);
  layOut(join(root, "tests/e2e/page"), join(site, "e2e"));
  return site;
}

/**
 * @param {string} page
 * @param {string} folder
 */
function layOut(page, folder) {
  mkdirSync(join(folder, "upferry"), { recursive: true });
  for (const entry of readdirSync(page)) symlinkSync(join(page, entry), join(folder, entry));
  for (const half of ["js", "pkg"]) symlinkSync(join(root, half), join(folder, "upferry", half));
}
