// @ts-check
import { Bench } from "./bench.js";

/** @type {File[]} */
let files = [];
const bench = /** @type {any} */ (new Bench(() => files));

addEventListener("message", async ({ data, ports: [port] }) => {
  files = data.files;
  try {
    port.postMessage({ result: await bench[data.method](...data.args) });
  } catch (error) {
    port.postMessage({ thrown: String(error) });
  }
});
