// @ts-check

/** @typedef {import("./bench-page.js").BenchPage} BenchPage */

/**
 * Drops files and folders onto a page, as a person does with the mouse. WebDriver can't, so this speaks to Chromium alone.
 * @param {BenchPage} page
 * @param {string[]} paths
 */
export async function drop(page, paths) {
  const chromium = /** @type {import("selenium-webdriver/chrome.js").Driver} */ (page.browser);
  // The page in which the next commands take place is the current one.
  await page.execute("return document.readyState");
  for (const type of ["dragEnter", "dragOver", "drop"]) {
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    await chromium.sendAndGetDevToolsCommand("Input.dispatchDragEvent", { type, x: 50, y: 50, data });
  }
}
