// @ts-check

/** @typedef {import("./wire-log.js").Exchange} Exchange */

/**
 * How a connection breaks off: with a FIN (an orderly end), with an RST, or half-open: nothing passes in either direction any
 * more, and neither end is told.
 * @typedef {"cut" | "reset" | "freeze"} BreakOff
 */

/**
 * What the proxy does to one request instead of just passing it on.
 * @typedef {object} Fault
 * @property {string} [kind] what it is counted as
 * @property {BreakOff} [how] a connection breaks off where one of the three below says so; default: cut
 * @property {number} [breakAfter] once so many bytes of the request's body have come; with 0 the server never hears of it
 * @property {boolean} [dropAnswer] once the server has answered, with nothing of that passed on
 * @property {number} [answerBytes] after so many bytes of the answer's body, never all of them; within the head of one that has none
 * @property {number} [shorten] passes on so many bytes of the answer's body as if they were all: half a JSON in a sound answer
 * @property {number} [delayMs] passes the answer on so much later
 * @property {boolean} [twice] sends the request to the server a second time as soon as it is there, and passes on the second's answer
 * @property {number} [againMs] sends the request to the server a second time so long after it was answered
 * @property {boolean} [flipByte] changes one byte of the body
 * @property {number} [status] answers itself, after it has read and dropped the body
 * @property {Record<string, string>} [headers] of that answer
 * @property {string} [body] of that answer
 * @property {boolean} [early] gives that answer before the body has come, and closes, as nginx does
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

/**
 * An answer of somebody who is not an Upferry server.
 * @param {number} status
 * @param {Record<string, string>} [headers]
 * @returns {Fault}
 */
export const answersHtml = (status, headers = {}) => ({
  status,
  headers: { "content-type": "text/html", ...headers },
  body: `<!doctype html><title>${status}</title><h1>${status}</h1><p>Please sign in to this network.</p>\n`,
});

/**
 * A proxy that takes bodies of at most so many bytes.
 * @param {number} bytes
 * @returns {Rule}
 */
export const bodyLimit = (bytes) => ({ bodyLength }) => (bodyLength > bytes ? { ...answersHtml(413), early: true } : undefined);

/**
 * Tokens of other times are refused.
 * @param {string} token the one that is good now
 * @returns {Rule}
 */
export const tokenRequired = (token) => ({ method, authorization }) =>
  method === "OPTIONS" || authorization === `Bearer ${token}` ? undefined : { status: 401, headers: { "www-authenticate": "Bearer" } };

/**
 * @param {number} bytes
 * @param {BreakOff} [how]
 * @returns {Fault}
 */
export const cutAfter = (bytes, how = "cut") => ({ breakAfter: bytes, how });

/** @type {Fault} */
export const answerLost = { dropAnswer: true };

/**
 * @param {number} bytes
 * @param {BreakOff} [how]
 * @returns {Fault}
 */
export const answerCut = (bytes, how = "cut") => ({ answerBytes: bytes, how });

/** @returns {Fault} */
export const delayed = (/** @type {number} */ delayMs) => ({ delayMs });

/** @type {Fault} */
export const byteFlipped = { flipByte: true };
