// @ts-check

/** @typedef {import("selenium-webdriver").WebDriver} WebDriver */

/**
 * WebDriver speaks to one tab at a time: which one that is, and the end of the last command that was begun.
 * @type {WeakMap<WebDriver, {current: string, last: Promise<unknown>}>}
 */
const turns = new WeakMap();

/**
 * Does something in a tab, after what is being done in others.
 * @template T
 * @param {WebDriver} driver
 * @param {string} tab
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export function inTab(driver, tab, work) {
  return inTurn(driver, async (state) => {
    if (state.current !== tab) {
      await driver.switchTo().window(tab);
      state.current = tab;
    }
    return work();
  });
}

/**
 * Opens an empty tab, and shows it. One in a window of its own leaves those that are there visible; one in the same window
 * hides the other, and showing that one again hides this one.
 * @param {WebDriver} driver
 * @param {"window" | "tab"} type
 * @returns {Promise<string>}
 */
export function openTab(driver, type) {
  return inTurn(driver, async (state) => {
    await driver.switchTo().newWindow(type);
    state.current = await driver.getWindowHandle();
    return state.current;
  });
}

/**
 * @param {WebDriver} driver
 * @param {string} tab
 */
export async function closeTab(driver, tab) {
  await inTab(driver, tab, () => driver.close());
  await inTurn(driver, async (state) => {
    // After a close there is no current tab at all.
    const [first] = await driver.getAllWindowHandles();
    if (!first) return;
    await driver.switchTo().window(first);
    state.current = first;
  });
}

/**
 * @template T
 * @param {WebDriver} driver
 * @param {(state: {current: string}) => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(driver, work) {
  const state = turns.get(driver) ?? { current: "", last: Promise.resolve() };
  turns.set(driver, state);
  const turn = state.last.then(() => work(state));
  state.last = turn.catch(() => {});
  return turn;
}
