// @ts-check
import { execFileSync } from "node:child_process";
import { Failure } from "./failure.js";
import { findProgram, mustExist } from "./find-program.js";

/** @typedef {"chromium" | "firefox" | "webkit"} EngineName */

/** @type {Record<EngineName, string>} what people call them */
export const engineTitles = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };

/** @type {Record<EngineName, () => void>} each throws a `Failure` that names what is missing */
export const findEngine = { chromium: findChromium, firefox: findFirefox, webkit: findWebKit };

/** Chromium and its driver, as paths; `CHROMIUM` and `CHROMEDRIVER` name others than those on `PATH`. */
export function findChromium() {
  return {
    browser: mustExist(
      process.env.CHROMIUM ?? findProgram("chromium", "chromium-browser", "google-chrome"),
      "no Chromium to test in: install it (Debian: apt-get install chromium chromium-driver) or name it in CHROMIUM.",
    ),
    driver: mustExist(
      process.env.CHROMEDRIVER ?? findProgram("chromedriver"),
      "no chromedriver to drive Chromium with: install it (Debian: apt-get install chromium-driver) or name it in CHROMEDRIVER.",
    ),
  };
}

/** Firefox and its driver, as paths; `FIREFOX` and `GECKODRIVER` name others than those on `PATH`. */
export function findFirefox() {
  return {
    browser: mustExist(
      process.env.FIREFOX ?? findProgram("firefox", "firefox-esr"),
      "no Firefox to test in: install it (Debian: apt-get install firefox-esr) or name it in FIREFOX.",
    ),
    driver: mustExist(
      process.env.GECKODRIVER ?? findProgram("geckodriver"),
      'no geckodriver to drive Firefox with: install it ("cargo install geckodriver --locked") or name it in GECKODRIVER.',
    ),
  };
}

/** What it takes to show a page in WebKitGTK, as paths. */
export function findWebKit() {
  const install = "Debian: apt-get install webkit2gtk-driver gjs gir1.2-webkit2-4.1 xvfb";
  const driver = mustExist(findProgram("WebKitWebDriver"), `no WebKitWebDriver to drive WebKitGTK with: install it (${install}).`);
  mustExist(findProgram("gjs"), `no gjs to show WebKitGTK's pages with: install it (${install}).`);
  if (!isThere("gjs", ["-c", 'imports.gi.versions.WebKit2 = "4.1"; imports.gi.WebKit2;'])) {
    throw new Failure(`no WebKitGTK to test in: install it (${install}).`);
  }
  const display = mustExist(findProgram("Xvfb"), `no Xvfb for WebKitGTK's windows: install it (${install}).`);
  return { driver, display };
}

/**
 * @param {string} program
 * @param {string[]} args
 */
function isThere(program, args) {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
