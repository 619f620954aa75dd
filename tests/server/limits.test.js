// @ts-check
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { cancel, complete, create, createUpload, createWith, openPut, patch, putChunk } from "../support/protocol.js";
import { startServer } from "../support/server.js";

/** @param {import("../support/protocol.js").Answer} answer */
function assertRateLimited(answer) {
  assertProblem(answer, "rate-limited");
  assert.match(String(answer.headers["retry-after"]), /^[1-9]\d*$/);
}

describe("100 open uploads", async () => {
  const server = await startServer();
  after(() => server.stop());
  const json = { size: 1, name: "a" };

  test("are taken, and no more until one has ended", async () => {
    const uploads = [];
    for (let i = 0; i < 99; i++) uploads.push(await createUpload(server, 1));
    const key = { "idempotency-key": '"the-hundredth"' };
    assert.equal((await create(server, json, key)).status, 201);
    assertRateLimited(await create(server, json));
    assert.equal((await create(server, json, key)).status, 200, "a known key needs no room");

    await patch(uploads[0], "paused");
    assertRateLimited(await create(server, json));

    await cancel(uploads[0]);
    assert.equal((await create(server, json)).status, 201);
    assertRateLimited(await create(server, json));

    await putChunk(uploads[1], 0, Buffer.from("x"));
    assert.equal((await complete(uploads[1])).status, 200);
    assert.equal((await create(server, json)).status, 201);
    assertRateLimited(await create(server, json));
  });
});

describe("256 PUTs", async () => {
  const server = await startServer();
  after(() => server.stop());

  test("are received at once, and no more until one has ended", async () => {
    const bytes = randomBytes(UNIT);
    const upload = await createUpload(server, 300 * UNIT);
    const puts = [];
    for (let i = 0; i < 256; i++) puts.push(await openPut(upload, i * UNIT, bytes, 1));
    assertRateLimited(await putChunk(upload, 256 * UNIT, bytes));
    assert.equal((await puts[0].finish()).status, 204);
    assert.equal((await putChunk(upload, 256 * UNIT, bytes)).status, 204);
    const answers = await Promise.all(puts.slice(1).map((put) => put.finish()));
    assert.ok(answers.every(({ status }) => status === 204));
  });
});

describe("room", async () => {
  // 200 GiB for one principal: two files of 99 GiB leave room for a small one, if the disk has so much.
  const server = await startServer({ args: ["--min-free", "0%"] });
  after(() => server.stop());

  test("is counted as declared: what can't fit beside the unfinished uploads is refused at creation", async () => {
    const refusals = [];
    for (let i = 0; i < 4 && refusals.length === 0; i++) {
      const answer = await create(server, { size: 60 * 2 ** 30, name: "large" });
      if (answer.status !== 201) refusals.push(answer);
    }
    const [refused] = refusals;
    assert.ok(refused, "240 GiB were reserved for one principal");
    if (refused.status === 507) assertProblem(refused, "insufficient-storage");
    else assertRateLimited(refused);
  });

  test("of an upload that ended is free again", async () => {
    const upload = await createWith(server, randomBytes(UNIT));
    await complete(upload);
    assert.equal((await create(server, { size: 1, name: "a" })).status, 201);
  });
});
