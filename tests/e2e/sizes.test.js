// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB, randomBytes } from "../support/bytes.js";
import { openStage } from "../support/stage.js";
import { fileOf } from "../support/test-files.js";

const CHUNK = 4 * MIB;

/** @type {[string, number, [number, number][]][]} */
const sizes = [
  ["0 bytes are sent as no chunk at all, and stored", 0, []],
  ["1 byte goes along with the creation, as no chunk of its own", 1, []],
  ["an exact multiple of the chunk size has no empty chunk at its end", 2 * CHUNK, [[0, CHUNK], [CHUNK, 2 * CHUNK]]],
  ["one byte more is one more chunk", CHUNK + 1, [[0, CHUNK], [CHUNK, CHUNK + 1]]],
];

for (const [what, size, chunks] of sizes) {
  test(what, async (t) => {
    const stage = await openStage(t, { options: { endpoint: "/uploads", chunkSize: CHUNK } });
    const file = fileOf("file.bin", randomBytes(size));
    await stage.page.start(file);
    await stage.assertStored(await stage.page.done(), file);
    const { wire } = stage.proxy;
    assert.deepEqual(wire.puts.map(({ range }) => range).sort((a, b) => Number(a?.[0]) - Number(b?.[0])), chunks);
    assert.equal(wire.requests("POST", "/uploads").length, 1);
  });
}
