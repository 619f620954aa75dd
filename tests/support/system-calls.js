// @ts-check

/**
 * A system call as strace saw it. What ended before another began, `end < other.start`, was done before it.
 * @typedef {object} SystemCall
 * @property {string} name
 * @property {string} args as strace prints them; strings as `\x2f` escapes (`-xx`)
 * @property {number} result
 * @property {string} path of the file descriptor that is its first argument, or "" where it has none
 * @property {number} start line of the log
 * @property {number} end line of the log; Infinity where it never returned
 */

/**
 * Reads a log written by `strace -f -yy -xx -tt -o`; calls of parallel threads come in two parts.
 * @param {string} log
 * @returns {SystemCall[]}
 */
export function parseSystemCalls(log) {
  /** @type {SystemCall[]} */
  const calls = [];
  /** @type {Map<string, SystemCall>} the call that each thread has begun */
  const begun = new Map();
  for (const [line, text] of log.split("\n").entries()) {
    const begins = text.match(/^(\d+) +[\d:.]+ (\w+)\((.*?)(?:\) += (-?\d+|\?).*| <unfinished \.\.\.>)$/);
    const resumes = text.match(/^(\d+) +[\d:.]+ <\.\.\. \w+ resumed>.*?\) += (-?\d+|\?)/);
    if (begins) {
      const [, thread, name, args, result] = begins;
      const call = { name, args, path: pathOf(args), start: line, end: result === undefined ? Infinity : line, result: Number(result) };
      calls.push(call);
      if (result === undefined) begun.set(thread, call);
    } else if (resumes) {
      const call = begun.get(resumes[1]);
      if (!call) throw new Error(`line ${line + 1} resumes nothing: ${text}`);
      Object.assign(call, { end: line, result: Number(resumes[2]) });
      begun.delete(resumes[1]);
    }
  }
  return calls;
}

/** @param {string} args */
function pathOf(args) {
  const [, path = ""] = args.match(/^\d+<(.*?)>(?:,|$)/) ?? [];
  return unescape(path);
}

/** @param {string} text with strace's `\x2f` escapes */
export const unescape = (text) => text.replace(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

/** Bytes as strace prints them with `-xx`. @param {Uint8Array} bytes */
export const escaped = (bytes) => Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
