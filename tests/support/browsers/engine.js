// @ts-check
/**
 * What differs from browser to browser, for whoever opens one.
 *
 * @typedef {object} Launch
 * @property {string} program the WebDriver server
 * @property {(port: number) => string[]} args
 * @property {Record<string, string>} [env]
 * @property {object} capabilities
 *
 * @typedef {object} LaunchOptions
 * @property {string} profileDir keeps storage over a restart
 * @property {string} downloads where the browser puts what it downloads, without a question
 * @property {string[]} args further command line flags of the browser
 *
 * @typedef {object} Session
 * @property {import("selenium-webdriver").WebDriver} driver
 * @property {(method: "POST" | "DELETE", path: string, body?: object) => Promise<any>} send a command that selenium-webdriver has not
 * @property {() => string} log all that browser and driver wrote so far
 *
 * @typedef {object} Engine
 * @property {import("../../../scripts/lib/find-browser.js").EngineName} name
 * @property {string} insecureHost a host of plain-http pages that leads to loopback and is no secure context
 * @property {(options: LaunchOptions) => Promise<Launch>} launch
 * @property {(session: Session, isOffline: boolean) => Promise<void>} setOffline tells the pages that the network is gone, or back
 * @property {(session: Session, bytes: number) => Promise<void>} [limitStorage] lets the site that is open store no more than this
 * @property {(session: Session) => Promise<number>} [pidToKill] of the process of the present tab, which may be killed without
 *   the rest of the browser; where the browser does not tell, tab-process.js finds it out
 * @property {(session: Session) => Promise<string[]>} complaints what the console has to complain about in the page that is open
 */
export {};
