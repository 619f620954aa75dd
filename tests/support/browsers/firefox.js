// @ts-check
import { findFirefox } from "../../../scripts/lib/find-browser.js";
import { freePort } from "../free-port.js";

/** @typedef {import("./engine.js").Session} Session */

/** @type {import("./engine.js").Engine} */
export const firefox = {
  name: "firefox",
  insecureHost: "upferry.test",

  async launch({ profileDir, downloads, args }) {
    const { browser, driver } = findFirefox();
    const websocketPort = await freePort();
    return {
      program: driver,
      // Access to the browser's own side: for the network's state, the console and the processes of tabs.
      args: (port) => ["--port", `${port}`, "--websocket-port", `${websocketPort}`, "--allow-system-access"],
      capabilities: {
        browserName: "firefox",
        "moz:firefoxOptions": {
          binary: browser,
          args: ["-headless", "-profile", profileDir, ...args],
          prefs: {
            "network.dns.localDomains": "upferry.test",
            "browser.download.folderList": 2,
            "browser.download.dir": downloads,
            "browser.download.always_ask_before_handling_new_types": false,
          },
        },
      },
    };
  },

  /** Loopback can be reached all the same. */
  async setOffline(session, isOffline) {
    await inBrowser(session, "Services.io.offline = arguments[0]", isOffline);
  },

  /** Driven, Firefox ends as a whole when the process of a tab crashes: unless what watches that is taken away. */
  async pidToKill(session) {
    return inBrowser(session, `
      const { TabCrashHandler } = ChromeUtils.importESModule("resource:///modules/ContentCrashHandlers.sys.mjs");
      try {
        Services.obs.removeObserver(TabCrashHandler, "ipc:content-shutdown");
      } catch {} // It was taken away before.
      return gBrowser.selectedBrowser.frameLoader.remoteTab.osPid;
    `);
  },

  async complaints(session) {
    const { origin } = new URL(await session.driver.getCurrentUrl());
    return inBrowser(session, CONSOLE_ERRORS, origin);
  },
};

const CONSOLE_ERRORS = `
  const [origin] = arguments;
  return Services.console.getMessageArray()
    .filter((message) => message instanceof Ci.nsIScriptError && message.sourceName.startsWith(origin))
    .map(({ errorMessage, sourceName, lineNumber }) => sourceName + ":" + lineNumber + ": " + errorMessage);
`;

/**
 * Runs a script with the browser's own rights.
 * @param {Session} session
 * @param {string} script
 * @param {...unknown} args
 * @returns {Promise<any>}
 */
async function inBrowser({ driver, send }, script, ...args) {
  await send("POST", "moz/context", { context: "chrome" });
  try {
    return await driver.executeScript(script, ...args);
  } finally {
    await send("POST", "moz/context", { context: "content" });
  }
}
