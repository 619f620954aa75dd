// @ts-check
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

for (const secure of [true, false]) {
  test(`an uploader inside a dedicated worker, on ${secure ? "a secure" : "a plain-http"} origin`, async (t) => {
    const stage = await openStage(t, { place: "worker", secure });
    const file = fileOf("file.bin", randomBytes(40 * MIB + 1));
    await stage.page.start(file);
    await stage.assertStored(await stage.page.done(), file);
  });
}
