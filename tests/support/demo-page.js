// @ts-check
import { By } from "selenium-webdriver";
import { complaints } from "./browser.js";
import { until } from "./until.js";

/**
 * @typedef {import("selenium-webdriver").WebDriver} WebDriver
 * @typedef {import("selenium-webdriver").WebElement} WebElement
 */

/** The demo page, by the hooks that its index.html lists. */
export class DemoPage {
  /** @param {WebDriver} browser */
  constructor(browser) {
    this.browser = browser;
  }

  /** Waits until the page works. */
  async ready() {
    await this.find("body[data-ready]");
  }

  /**
   * Waits for an element.
   * @param {string} css
   * @returns {Promise<WebElement>}
   */
  find(css) {
    return until(css, async () => (await this.browser.findElements(By.css(css)))[0]);
  }

  /** @param {...{path: string}} files */
  async choose(...files) {
    await (await this.find("#files")).sendKeys(files.map(({ path }) => path).join("\n"));
  }

  /**
   * The row of a file, once it is there.
   * @param {string} name
   */
  row(name) {
    return this.#rowOf("#uploads [data-upload-id]", name);
  }

  /**
   * The row of a file that an earlier visit left unfinished.
   * @param {string} name
   */
  interrupted(name) {
    return this.#rowOf("#interrupted [data-interrupted-id]", name);
  }

  /**
   * @param {string} css
   * @param {string} name
   */
  #rowOf(css, name) {
    return until(`a row of ${name}`, async () => {
      for (const element of await this.browser.findElements(By.css(css))) {
        const row = new Row(element);
        if ((await row.text("name")) === name) return row;
      }
      return null;
    });
  }

  /** What the browser's console has to complain about. */
  complaints() {
    return complaints(this.browser);
  }

  /** The row and the role that have the focus. */
  focus() {
    return this.browser.executeScript("const { id, dataset } = document.activeElement; return id || dataset.role || null");
  }
}

/** One row of the demo. */
export class Row {
  /** @param {WebElement} element */
  constructor(element) {
    this.element = element;
  }

  /** @param {string} role */
  role(role) {
    return this.element.findElement(By.css(`[data-role="${role}"]`));
  }

  /**
   * What can be read there.
   * @param {string} role
   */
  async text(role) {
    const element = await this.role(role);
    // Not by getText(): WebKit's driver finds none where white space is kept.
    const script = "return arguments[0].textContent.trim()";
    return (await element.isDisplayed()) ? element.getDriver().executeScript(script, element) : "";
  }

  /** @param {string} role */
  async click(role) {
    await (await this.role(role)).click();
  }

  /** Bytes, as the page tells programs. */
  async confirmed() {
    return Number(await (await this.role("confirmed")).getAttribute("value"));
  }

  /** The buttons that can be seen. */
  async buttons() {
    const shown = [];
    for (const button of await this.element.findElements(By.css(".buttons button"))) {
      if (await button.isDisplayed()) shown.push(await button.getText());
    }
    return shown;
  }

  /** @param {string} state */
  untilState(state) {
    return until(`a row that is ${state}`, async () => (await this.element.getAttribute("data-state")) === state, { limitMs: 60_000 });
  }
}
