// @ts-check
// Puts the uploader into a test's hands: what is on `bench` is called over WebDriver.
import { Bench } from "./bench.js";
import { WorkerBench } from "./worker-bench.js";

/** @type {string[]} what a page with Upferry must never have */
const problems = [];
addEventListener("error", ({ message }) => problems.push(`error: ${message}`));
addEventListener("unhandledrejection", ({ reason }) => problems.push(`unhandled rejection: ${reason}`));
addEventListener("securitypolicyviolation", ({ blockedURI, violatedDirective }) => problems.push(`${violatedDirective}: ${blockedURI}`));

const input = /** @type {HTMLInputElement} */ (document.querySelector("#file"));
const picked = () => [...(input.files ?? [])];

Object.assign(window, { bench: new Bench(picked), workerBench: new WorkerBench(picked), problems });
