// @ts-check
import { findWebKit } from "../../../scripts/lib/find-browser.js";
import { displayInMemory } from "./display.js";

/** @type {import("./engine.js").Engine} */
export const webkit = {
  name: "webkit",
  // Loopback, by a name that WebKit does not take for it.
  insecureHost: "[::ffff:7f00:1]",

  async launch({ profileDir, downloads }) {
    const { driver, display } = findWebKit();
    return {
      program: driver,
      args: (port) => [`--port=${port}`],
      env: { DISPLAY: await displayInMemory(display), GDK_BACKEND: "x11" },
      capabilities: {
        browserName: "upferry-webkit",
        "webkitgtk:browserOptions": {
          binary: `${import.meta.dirname}/webkit-browser.js`,
          args: [profileDir, downloads],
        },
      },
    };
  },

  /**
   * WebKitGTK can't be told that the network is gone: the page is told so in its place, by an overridden `navigator.onLine` and
   * the event. A page that is loaded meanwhile is not.
   */
  async setOffline({ driver }, isOffline) {
    await driver.executeScript(OVERRIDE, isOffline);
  },

  async complaints({ driver, log }) {
    const { origin } = new URL(await driver.getCurrentUrl());
    return log().split("\n").filter((line) => /CONSOLE .*(ERROR|WARN)/.test(line) && line.includes(origin));
  },
};

const OVERRIDE = `
  const [isOffline] = arguments;
  if (isOffline) Object.defineProperty(navigator, "onLine", { configurable: true, get: () => false });
  else delete navigator.onLine;
  dispatchEvent(new Event(isOffline ? "offline" : "online"));
`;
