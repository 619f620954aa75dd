// @ts-check
import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, targetDir } from "../../scripts/lib/paths.js";

const run = promisify(execFile);

/** @type {Map<string, Promise<string>>} one build per set of features and process */
const builds = new Map();

/**
 * The path of the server's binary: the one `npm test` built (`UPFERRY_SERVER_BIN`), else the one in the target folder.
 * With features (a server with a failpoint, or with one sync taken out) it is built here, once, unoptimised, and kept apart.
 * @param {string[]} [features] cargo features of upferry-server
 * @returns {Promise<string>}
 */
export async function serverBinary(features = []) {
  if (features.length > 0) {
    const key = [...features].sort().join(",");
    const build = builds.get(key) ?? buildWith(key);
    builds.set(key, build);
    return build;
  }
  const named = process.env.UPFERRY_SERVER_BIN;
  const candidates = named ? [named] : ["release", "debug"].map((profile) => join(targetDir, profile, "upferry-server"));
  const found = candidates.find((path) => existsSync(path));
  if (!found) throw new Error(`no server at ${candidates.join(" or ")}: cargo build --release -p upferry-server`);
  return found;
}

/** @param {string} features */
async function buildWith(features) {
  await run("cargo", ["build", "--quiet", "-p", "upferry-server", "--features", features, "--target-dir", targetDir], {
    cwd: root,
  });
  const folder = join(targetDir, "servers");
  mkdirSync(folder, { recursive: true });
  // A copy, as the next build with other features writes to the same place.
  const kept = join(folder, `upferry-server+${features.replaceAll(",", "+")}`);
  copyFileSync(join(targetDir, "debug/upferry-server"), kept);
  return kept;
}
