// @ts-check
import assert from "node:assert/strict";
import { appendFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { MIB, randomBytes } from "../support/bytes.js";
import { has, testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

/** @typedef {import("../support/engine-lacks.js").Feature} Feature */

const SIZE = 64 * MIB;

/** What happens to the file, and whether only some engines see it. @type {[string, (path: string) => void, Feature?][]} */
const harms = [
  ["grows", (path) => appendFileSync(path, "more"), "seesChange"],
  ["is written anew", (path) => writeFileSync(path, randomBytes(SIZE, 2)), "seesChange"],
  ["shrinks", (path) => truncateSync(path, SIZE / 2)],
  ["vanishes", (path) => rmSync(path)],
];

for (const [what, harm, feature] of harms) {
  testWith(feature, `a file that ${what} during its upload fails with a reason, and is not stored`, async (t) => {
    const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: 4 * MIB } });
    const file = fileOf("file.bin", randomBytes(SIZE, 1));
    // Some engines see only that the time of the last change is another, in seconds.
    utimesSync(file.path, 1_700_000_000, 1_700_000_000);
    stage.proxy.bytesPerSecond = 16 * MIB;
    await stage.page.start(file);
    await stage.untilConfirmed(8 * MIB);

    harm(file.path);
    stage.proxy.bytesPerSecond = Infinity;
    const { error } = await stage.page.call("done", 0);
    // Only Firefox tells a file that shrank from one that can't be read, by a slice that is too short.
    assert.match(error?.code, what === "shrinks" && !has("seesChange") ? /^file-changed$/ : /^file-unreadable$/);
    assert.equal(error.retryable, false);
    const { state } = await stage.serverStatus(0);
    assert.equal(state, "open", "the upload waits for its own file");
    assert.deepEqual(stage.proxy.wire.violations(), []);
  });
}
