// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { assertProblem } from "../support/problem.js";
import { create } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const server = await startServer({ args: ["--max-size", "1MiB"] });
after(() => server.stop());

test("a file of the largest size is taken", async () => {
  assert.equal((await create(server, { size: 1 << 20, name: "a" })).status, 201);
});

test("a larger file is refused with the limit", async () => {
  const answer = await create(server, { size: (1 << 20) + 1, name: "a" });
  assert.equal(assertProblem(answer, "too-large").limit, 1 << 20);
});

for (const size of ["9007199254740991", "9007199254740992", "18446744073709551615"]) {
  test(`a size of ${size} is refused with the limit`, async () => {
    const answer = await create(server, `{"size": ${size}, "name": "a"}`);
    assert.equal(assertProblem(answer, "too-large").limit, 1 << 20);
  });
}

test("16 KiB of metadata are taken", async () => {
  assert.equal((await create(server, { size: 1, name: "a", metadata: { k: "v".repeat(16_000) } })).status, 201);
});

test("more than 16 KiB of metadata are refused with the limit", async () => {
  const answer = await create(server, { size: 1, name: "a", metadata: { k: "v".repeat(16 << 10) } });
  assert.equal(assertProblem(answer, "too-large").limit, 16 << 10);
});

test("many small metadata count as well", async () => {
  const metadata = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`key-${i}`, ""]));
  assertProblem(await create(server, { size: 1, name: "a", metadata }), "too-large");
});

for (const mebibytes of [0.07, 8]) {
  test(`a JSON body of ${mebibytes} MiB is refused with the limit`, async () => {
    const answer = await create(server, { size: 1, name: "n".repeat(mebibytes * (1 << 20)) });
    assert.equal(assertProblem(answer, "too-large").limit, 64 << 10);
  });
}

test("a file that can't fit is refused at once", async () => {
  const full = await startServer({ args: ["--min-free", "100%"] });
  try {
    assertProblem(await create(full, { size: 1, name: "a" }), "insufficient-storage");
  } finally {
    await full.stop();
  }
});

test("with --min-free off a file may be larger than the disk is now", async () => {
  const size = 2 ** 40;
  const growing = await startServer({ args: ["--min-free", "off", "--max-size", "2TiB", "--max-reserved", "2TiB"] });
  const fixed = await startServer({ args: ["--max-size", "2TiB", "--max-reserved", "2TiB"] });
  try {
    assert.equal((await create(growing, { size, name: "a" })).status, 201);
    assertProblem(await create(fixed, { size, name: "a" }), "insufficient-storage");
  } finally {
    await growing.stop();
    await fixed.stop();
  }
});
