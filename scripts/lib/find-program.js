// @ts-check
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { Failure } from "./failure.js";

/**
 * The path of the first of these programs that is on `PATH`, or null.
 * @param {...string} names
 */
export function findProgram(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const path = join(folder, name);
      if (isExecutable(path)) return path;
    }
  }
  return null;
}

/** Chromium and its driver, as paths; `CHROMIUM` and `CHROMEDRIVER` name others than those on `PATH`. */
export function findChromium() {
  const browser = process.env.CHROMIUM ?? findProgram("chromium", "chromium-browser", "google-chrome");
  const driver = process.env.CHROMEDRIVER ?? findProgram("chromedriver");
  if (!browser || !isExecutable(browser)) {
    throw new Failure(
      "no Chromium to test in: install it (Debian: apt-get install chromium chromium-driver) or name it in CHROMIUM.",
    );
  }
  if (!driver || !isExecutable(driver)) {
    throw new Failure(
      "no chromedriver to drive Chromium with: install it (Debian: apt-get install chromium-driver) or name it in CHROMEDRIVER.",
    );
  }
  return { browser, driver };
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
