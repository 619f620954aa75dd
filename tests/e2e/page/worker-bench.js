// @ts-check

/** A bench within a dedicated worker, which gets the picked files by message. */
export class WorkerBench {
  /** @type {() => File[]} */
  #picked;
  /** @type {Worker | undefined} */
  #worker;

  /** @param {() => File[]} picked */
  constructor(picked) {
    this.#picked = picked;
  }

  /**
   * Calls a method of the worker's bench.
   * @param {string} method
   * @param {any[]} args
   * @returns {Promise<any>}
   */
  call(method, ...args) {
    this.#worker ??= new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
    const { port1, port2 } = new MessageChannel();
    this.#worker.postMessage({ method, args, files: this.#picked() }, [port2]);
    return new Promise((resolve, reject) => {
      port1.onmessage = ({ data }) => ("thrown" in data ? reject(new Error(data.thrown)) : resolve(data.result));
      /** @type {Worker} */ (this.#worker).onerror = ({ message }) => reject(new Error(`worker: ${message}`));
    });
  }
}
