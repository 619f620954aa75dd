// @ts-check
import { readFileSync } from "node:fs";
import { findChromium } from "../../../scripts/lib/find-browser.js";
import { root } from "../../../scripts/lib/paths.js";

/**
 * The flags that the wasm tests' runner reads too.
 * @type {string[]}
 */
const flags = JSON.parse(readFileSync(`${root}/webdriver.json`, "utf8"))["goog:chromeOptions"].args;

/** @type {import("./engine.js").Engine} */
export const chromium = {
  name: "chromium",
  insecureHost: "upferry.test",

  async launch({ profileDir, downloads, args }) {
    const { browser, driver } = findChromium();
    return {
      program: driver,
      args: (port) => [`--port=${port}`],
      capabilities: {
        browserName: "chrome",
        "goog:chromeOptions": {
          binary: browser,
          // The driver would leave hidden pages the timers of those that can be seen; people's browsers do not.
          excludeSwitches: ["disable-background-timer-throttling"],
          args: [...flags, `--user-data-dir=${profileDir}`, "--host-resolver-rules=MAP upferry.test 127.0.0.1", ...args],
          prefs: { download: { default_directory: downloads, prompt_for_download: false } },
        },
      },
    };
  },

  /** Chromium takes loopback for away as well, and tells all tabs. */
  async setOffline(session, isOffline) {
    if (!isOffline) return void (await session.send("DELETE", "chromium/network_conditions"));
    const conditions = { offline: true, latency: 0, download_throughput: -1, upload_throughput: -1 };
    await session.send("POST", "chromium/network_conditions", { network_conditions: conditions });
  },

  async limitStorage({ driver, send }, quotaSize) {
    const { origin } = new URL(await driver.getCurrentUrl());
    await send("POST", "goog/cdp/execute", { cmd: "Storage.overrideQuotaForOrigin", params: { origin, quotaSize } });
  },

  async complaints({ driver }) {
    const { origin } = new URL(await driver.getCurrentUrl());
    const entries = await driver.manage().logs().get("browser");
    return entries.filter(({ message }) => message.includes(origin)).map(({ level, message }) => `${level.name}: ${message}`);
  },
};
