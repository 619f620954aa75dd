// @ts-check
// What the engines lack of what tests are about. This is the only place where a test may be left out of an engine's suite.
import { appendFileSync } from "node:fs";
import { test } from "node:test";
import { engine } from "./browser.js";

/**
 * @typedef {import("../../scripts/lib/find-browser.js").EngineName} EngineName
 *
 * @typedef {"storedHandles" | "filePicker" | "droppedHandles" | "wakeLock" | "seesChange"
 *   | "keepsUploadingPage" | "longTasks" | "freeze" | "killedTab" | "steadyMemory" | "steadyMemoryOfLongChunks"
 *   | "limitedStorage"} Feature
 */

/** @type {Record<EngineName, Partial<Record<Feature, string>>>} why it is lacking */
const lacks = {
  chromium: {},
  firefox: {
    filePicker: "Firefox has no showOpenFilePicker",
    droppedHandles: "Firefox has no getAsFileSystemHandle for what is dropped",
    seesChange: "Firefox reads on in a file that was changed on disk, without an error",
    keepsUploadingPage: "Firefox does not keep a page with requests under way in its back/forward cache",
    longTasks: "Firefox does not report long tasks",
    freeze: "Firefox does not freeze pages",
    steadyMemory: "Firefox frees the bodies of ended requests when it likes, so that its peak depends on how long it is watched",
    limitedStorage: "nothing in geckodriver limits a site's storage",
  },
  webkit: {
    steadyMemoryOfLongChunks: "WebKitGTK frees bodies of 16 MiB late: 995 MiB after a gigabyte and a reload, 665 MiB after 200 MiB",
    storedHandles: "WebKitGTK can't store a file handle in IndexedDB",
    filePicker: "WebKitGTK has no showOpenFilePicker",
    droppedHandles: "WebKitGTK has no getAsFileSystemHandle for what is dropped",
    wakeLock: "WebKitGTK refuses every wake lock",
    longTasks: "WebKitGTK does not report long tasks",
    freeze: "WebKitGTK does not freeze pages",
    killedTab: "WebKitWebDriver ends the whole session when the process of one page is killed",
    limitedStorage: "nothing in WebKitWebDriver limits a site's storage",
  },
};

/** @param {Feature} feature */
export const has = (feature) => lacks[engine.name][feature] === undefined;

/**
 * A test of what not every engine has. Where it is lacking the test is left out, and the run says so.
 * @param {Feature | undefined} feature undefined: all have it
 * @param {string} name
 * @param {(t: import("node:test").TestContext) => Promise<void>} body
 */
export function testWith(feature, name, body) {
  const why = feature && lacks[engine.name][feature];
  if (why === undefined) return void test(name, body);
  const list = process.env.UPFERRY_LEFT_OUT;
  if (list) appendFileSync(list, `${name}: ${why}\n`);
  else console.log(`left out: ${name}: ${why}`);
}
