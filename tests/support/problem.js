// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { root } from "../../scripts/lib/paths.js";

/** @typedef {import("./protocol.js").Answer} Answer */

/**
 * The table of errors in docs/protocol.md.
 * @type {Map<string, {status: number, retryable: boolean}>}
 */
export const documentedErrors = new Map(
  Array.from(
    readFileSync(`${root}/docs/protocol.md`, "utf8").matchAll(/^\| (\d{3}) \| `([a-z-]+)` \| (yes|no) \|/gm),
    ([, status, code, retryable]) => [code, { status: Number(status), retryable: retryable === "yes" }],
  ),
);

/**
 * Asserts that an answer is the problem `code`, with the status, media type and members that every problem has.
 * @param {Answer} answer
 * @param {string} code
 * @param {{retryable?: boolean}} [but] where this occurrence differs from the table
 * @returns {any} the problem, for its further members
 */
export function assertProblem(answer, code, but = {}) {
  const documented = documentedErrors.get(code);
  assert.ok(documented, `${code} is not in the table of errors`);
  assert.equal(`${answer.status} ${answer.json?.code}`, `${documented.status} ${code}`, answer.body.toString());
  assert.equal(answer.headers["content-type"], "application/problem+json");
  const { type, title, status, detail, retryable } = answer.json;
  assert.equal(type, `urn:upferry:problem:${code}`);
  assert.equal(status, documented.status);
  assert.equal(retryable, but.retryable ?? documented.retryable);
  for (const text of [title, detail]) assert.ok(typeof text === "string" && text.length > 0, `${code}: an empty text`);
  return answer.json;
}
