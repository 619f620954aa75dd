// @ts-check

/** @typedef {{result: any} | {thrown: string}} Settled */

/** Calls whose answers are fetched later, so that none holds WebDriver up: it speaks to one tab at a time. */
export class Calls {
  /** @type {Map<string, Settled | null>} null: not yet */
  #calls = new Map();

  /**
   * @param {() => any} work
   * @returns {Promise<Settled | {pending: string}>}
   */
  async begin(work) {
    const id = String(Math.random());
    this.#calls.set(id, null);
    const settled = settle(work).then((outcome) => {
      this.#calls.set(id, outcome);
      return outcome;
    });
    const first = await Promise.race([settled, nextTask()]);
    if (!first) return { pending: id };
    this.#calls.delete(id);
    return first;
  }

  /**
   * How a pending call ended; null as long as it has not.
   * @param {string} id
   * @returns {Settled | null}
   */
  take(id) {
    const settled = this.#calls.get(id);
    if (settled === undefined) return { thrown: "the page was left before the call had ended" };
    if (settled) this.#calls.delete(id);
    return settled;
  }
}

/**
 * @param {() => any} work
 * @returns {Promise<Settled>}
 */
async function settle(work) {
  try {
    return { result: await work() };
  } catch (error) {
    return { thrown: String(error) };
  }
}

/** Soon, also in a hidden tab, whose timers are throttled. @returns {Promise<null>} */
function nextTask() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => resolve(null);
    port2.postMessage(null);
  });
}
