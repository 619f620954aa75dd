// @ts-check
import { escaped } from "./system-calls.js";

/**
 * @typedef {import("./system-calls.js").SystemCall} SystemCall
 *
 * A chunk that was confirmed.
 * @typedef {object} ConfirmedChunk
 * @property {number} start
 * @property {number} end
 * @property {Buffer} sha256
 * @property {number} clientPort where its PUT came from
 *
 * A step that repeats counts wherever it stands behind the one before; of others only the first of its kind does, as a
 * later one would prove nothing.
 * @typedef {[what: string, matches: (call: SystemCall) => boolean, repeats?: "repeats"]} Step
 */

/** The system calls that the checks below need to see. */
export const WATCHED = [
  "openat,mkdir,mkdirat,rename,renameat,renameat2",
  "write,writev,pwrite64,pwritev,pwritev2,sendto,sendmsg",
  "fsync,fdatasync,sync_file_range,syncfs",
].join();

/**
 * What is wrong with the order of system calls behind a confirmed chunk: the last write of its data, the data's sync,
 * the ledger's write, the ledger's sync, and the answer must each be done before the next begins.
 * @param {SystemCall[]} calls
 * @param {{id: string}} upload
 * @param {ConfirmedChunk} chunk
 * @returns {string | null}
 */
export function chunkViolation(calls, { id }, chunk) {
  const where = `[${chunk.start}, ${chunk.end})`;
  const writes = calls.filter((call) => /^p?write/.test(call.name) && call.path.endsWith(id) && isWithin(offsetOf(call), chunk));
  const written = writes.reduce((sum, { result }) => sum + result, 0);
  if (written !== chunk.end - chunk.start) return `${where}: ${written} bytes were seen being written`;
  const lastWrite = writes.reduce((last, call) => (call.end > last.end ? call : last));

  const violation = firstNotInOrder(calls, [
    sync("the data", id),
    ["the ledger's write", (call) => isLedgerWrite(call) && call.args.includes(escaped(chunk.sha256))],
    sync("the ledger", "-wal"),
    ["the answer", isAnswer("204", chunk.clientPort)],
  ], lastWrite.end);
  return violation && `${where}: ${violation} is not behind its forerunner`;
}

/**
 * The first of the steps that can't be found behind the one before it, or null when all stand in this order.
 * @param {SystemCall[]} calls
 * @param {Step[]} steps
 * @param {number} [after] line of the log
 * @returns {string | null}
 */
export function firstNotInOrder(calls, steps, after = -1) {
  for (const [what, matches, repeats] of steps) {
    const found = calls.find((call) => matches(call) && call.result >= 0 && (!repeats || call.start > after));
    if (!found || found.start <= after || found.end === Infinity) return what;
    after = found.end;
  }
  return null;
}

/**
 * @param {string} what
 * @param {string} suffix of the path
 * @returns {Step}
 */
export const sync = (what, suffix) => [`the sync of ${what}`, isSync(suffix), "repeats"];

/** @param {string} suffix of the path */
export const isSync = (suffix) => (/** @type {SystemCall} */ { name, path }) => (name === "fsync" || name === "fdatasync") && path.endsWith(suffix);

/** @param {SystemCall} call */
export const isLedgerWrite = ({ name, path }) => /^p?write/.test(name) && path.endsWith("-wal");

/** @param {string} status @param {number} clientPort */
export const isAnswer = (status, clientPort) => (/** @type {SystemCall} */ { name, path, args }) =>
  /^(write|send)/.test(name) && path.endsWith(`->127.0.0.1:${clientPort}]`) && args.includes(escaped(Buffer.from(`HTTP/1.1 ${status} `)));

/** @param {SystemCall} call of the form `pwrite64(fd, bytes, length, offset)` */
function offsetOf({ args }) {
  return Number(args.match(/, \d+, (\d+)$/)?.[1]);
}

/** @param {number} offset @param {{start: number, end: number}} range */
const isWithin = (offset, { start, end }) => offset >= start && offset < end;
