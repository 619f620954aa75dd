// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { measureSizes } from "../../bench/size.js";
import { root } from "../../scripts/lib/paths.js";

/** What a page loads, with brotli. Raised only with a reason in the commit that does it. */
const BUDGET_BYTES = 125_000;
/** How far the README's rounded figures may be off. */
const SLACK_BYTES = 2_000;

test("the package is within its size budget, and the README states its size", async () => {
  const [{ total }] = await measureSizes();
  assert.ok(total.brotli <= BUDGET_BYTES, `${total.brotli} bytes with brotli, ${BUDGET_BYTES} at most`);

  const readme = readFileSync(join(root, "README.md"), "utf8");
  const [, brotli, gzip] = readme.match(/loads (\d+) kB \(brotli; (\d+) kB with gzip\)/) ?? [];
  assert.ok(Math.abs(Number(brotli) * 1000 - total.brotli) <= SLACK_BYTES, `the README says ${brotli} kB, it is ${total.brotli}`);
  assert.ok(Math.abs(Number(gzip) * 1000 - total.gzip) <= SLACK_BYTES, `the README says ${gzip} kB, it is ${total.gzip}`);
});
