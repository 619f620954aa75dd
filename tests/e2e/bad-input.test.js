// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { openStage } from "../support/stage.js";

/** What createUploader is given, and the word that its TypeError must hold. @type {[unknown, RegExp][]} */
const badOptions = [
  [{ endpoint: "/uploads", chunksize: 1 }, /chunksize/],
  [{}, /endpoint/],
  [null, /options|endpoint/],
  ["/uploads", /options|endpoint/],
  [{ endpoint: 5 }, /endpoint/],
  [{ endpoint: "http://" }, /endpoint/],
  [{ endpoint: "/uploads", chunkSize: "8 MB" }, /chunkSize/],
  [{ endpoint: "/uploads", chunkSize: 1.5 }, /chunkSize/],
  [{ endpoint: "/uploads", parallelChunks: 17 }, /parallelChunks/],
  [{ endpoint: "/uploads", parallelFiles: 0 }, /parallelFiles/],
  [{ endpoint: "/uploads", memoryBudget: -1 }, /memoryBudget/],
  [{ endpoint: "/uploads", autoStart: "yes" }, /autoStart/],
  [{ endpoint: "/uploads", credentials: "all" }, /credentials/],
  [{ endpoint: "/uploads", metadata: { a: 1 } }, /metadata/],
  [{ endpoint: "/uploads", retry: { maxAttempt: 3 } }, /maxAttempt/],
  [{ endpoint: "/uploads", restrictions: { maxSize: "1" } }, /maxSize/],
];

test("a wrong option is a TypeError that names it", async (t) => {
  const { page } = await openStage(t);
  for (const [options, named] of badOptions) {
    const { error } = await page.call("open", options);
    assert.equal(error?.type, "TypeError", `${JSON.stringify(options)}: ${JSON.stringify(error)}`);
    assert.match(error.message, named);
  }
});

/** What stands in place of a file. @type {unknown[]} */
const noFiles = ["/etc/passwd", {}, { name: "a", size: 5 }, 5, null, []];

test("what is no File is a TypeError, and no request", async (t) => {
  const { page, proxy } = await openStage(t);
  for (const noFile of noFiles) {
    const { error } = await page.call("add", {}, [noFile]);
    assert.equal(error?.type, "TypeError", `${JSON.stringify(noFile)}: ${JSON.stringify(error)}`);
    assert.match(error.message, /file/i);
  }
  assert.deepEqual(proxy.wire.requests("POST"), []);
});
