// @ts-check
import { join } from "node:path";
import { targetDir } from "./paths.js";
import { mustRun } from "./run.js";

/** Builds the server as it is shipped; returns the path of its binary. */
export async function buildServer() {
  console.log("build: the server");
  await mustRun("cargo", ["build", "--release", "-p", "upferry-server"]);
  return join(targetDir, "release/upferry-server");
}
