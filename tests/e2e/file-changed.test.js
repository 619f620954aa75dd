// @ts-check
import assert from "node:assert/strict";
import { appendFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

/** @type {[string, (path: string) => void][]} */
const harms = [
  ["changes", (path) => appendFileSync(path, "more")],
  ["vanishes", (path) => rmSync(path)],
];

for (const [what, harm] of harms) {
  test(`a file that ${what} during its upload fails with a reason, and is not stored`, async (t) => {
    const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: 4 * MIB } });
    const file = fileOf("file.bin", randomBytes(64 * MIB, 1));
    stage.proxy.bytesPerSecond = 16 * MIB;
    await stage.page.start(file);
    await stage.untilConfirmed(8 * MIB);

    harm(file.path);
    stage.proxy.bytesPerSecond = Infinity;
    const { error } = await stage.page.call("done", 0);
    // Chromium does not tell a file that changed from one that can't be read.
    assert.equal(error?.code, "file-unreadable");
    assert.equal(error.retryable, false);
    const { state } = await stage.serverStatus(0);
    assert.equal(state, "open", "the upload waits for its own file");
    assert.deepEqual(stage.proxy.wire.violations(), []);
  });
}
