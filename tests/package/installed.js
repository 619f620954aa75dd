// @ts-check
import { execFile } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../scripts/lib/paths.js";
import { tempDir } from "../support/temp-dir.js";

const run = promisify(execFile);

/**
 * Packs the package as it would be published.
 * @param {string} [folder] the package, as it is after a build
 * @returns {Promise<string>} the tarball's path
 */
export async function pack(folder = root) {
  const destination = tempDir("tarball");
  // Without scripts: `prepack` builds what npm test has built already.
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", destination], { cwd: folder });
  return join(destination, readdirSync(destination)[0]);
}

/**
 * The paths of the files in a package's tarball, sorted.
 * @param {string} tarball
 */
export async function contents(tarball) {
  const { stdout } = await run("tar", ["--list", "--file", tarball]);
  return stdout.trim().split("\n").map((path) => path.replace(/^package\//, "")).sort();
}

/**
 * A new project that has Upferry installed from its tarball, and nothing else: no network, no link into the work tree.
 * @returns {Promise<string>} its folder
 */
export async function installedProject() {
  const folder = tempDir("consumer");
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const tarball = await pack();
  await run("npm", ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", tarball], { cwd: folder });
  return folder;
}
