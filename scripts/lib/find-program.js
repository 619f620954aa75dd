// @ts-check
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { Failure } from "./failure.js";

/**
 * The path of the first of these programs that is on `PATH` or where cargo installs programs, or null.
 * @param {...string} names
 */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  folders.push(join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "bin"));
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return null;
}

/**
 * A program that must be there.
 * @param {string | null | undefined} path
 * @param {string} sentence what is missing and what to do about it
 */
export function mustExist(path, sentence) {
  if (!path || !isExecutable(path)) throw new Failure(sentence);
  return path;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
