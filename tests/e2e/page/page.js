// @ts-check
// Puts the uploader into a test's hands: what is on `bench` is called over WebDriver.
import { Bench } from "./bench.js";
import { Calls } from "./calls.js";
import { WorkerBench } from "./worker-bench.js";

/** @type {string[]} what a page with Upferry must never have */
const problems = [];
addEventListener("error", ({ message }) => problems.push(`error: ${message}`));
addEventListener("unhandledrejection", ({ reason }) => problems.push(`unhandled rejection: ${reason}`));
addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => problems.push(`${violatedDirective}: ${blockedURI}`));

const input = /** @type {HTMLInputElement} */ (document.querySelector("#file"));
const picked = () => [...(input.files ?? [])];

const bench = /** @type {any} */ (new Bench(picked));
const workerBench = new WorkerBench(picked);
const calls = new Calls();

/**
 * Calls a method of a bench.
 * @param {"bench" | "worker"} place
 * @param {string} method
 * @param {any[]} args
 */
const begin = (place, method, args) =>
  calls.begin(() => (place === "worker" ? workerBench.call(method, ...args) : bench[method](...args)));

Object.assign(window, { bench, workerBench, problems, begin, take: calls.take.bind(calls) });
