// @ts-check

/** @typedef {import("./wire-log.js").Exchange} Exchange */

/**
 * What the proxy does to one request instead of just passing it on.
 * @typedef {object} Fault
 * @property {number} [status] answers itself, after it has read and dropped the body
 * @property {Record<string, string>} [headers] of that answer
 * @property {number} [cutAfter] cuts the connection once so many bytes of the body have come
 * @property {boolean} [dropAnswer] lets the server answer, and cuts the connection instead of passing that on
 * @property {number} [delayMs] passes the answer on so much later
 * @property {boolean} [flipByte] changes one byte of the body
 */

/**
 * Decides on a fault for a request when it begins; undefined lets it pass.
 * @typedef {(exchange: Exchange) => Fault | undefined} Rule
 */

/**
 * Faults for certain PUTs, counted from 1 in the order in which they begin.
 * @param {Record<number, Fault>} faults
 * @returns {Rule}
 */
export function putFaults(faults) {
  let count = 0;
  return ({ range }) => (range ? faults[++count] : undefined);
}

/**
 * @param {number} status
 * @param {{retryAfter?: number}} [options] in seconds
 * @returns {Fault}
 */
export const answers = (status, { retryAfter } = {}) => ({
  status,
  headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
});

/** @returns {Fault} */
export const cutAfter = (/** @type {number} */ bytes) => ({ cutAfter: bytes });

/** @type {Fault} */
export const answerLost = { dropAnswer: true };

/** @returns {Fault} */
export const delayed = (/** @type {number} */ delayMs) => ({ delayMs });

/** @type {Fault} */
export const byteFlipped = { flipByte: true };
