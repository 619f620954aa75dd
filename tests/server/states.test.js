// @ts-check
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { UNIT, randomBytes } from "../support/bytes.js";
import { assertProblem } from "../support/problem.js";
import { cancel, chunks, complete, content, createWith, patch, putChunk, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { RENAMES, injecting } from "../support/strace.js";
import { until } from "../support/until.js";

/** @typedef {import("../support/protocol.js").Upload} Upload */

const first = randomBytes(UNIT, 1);
const second = randomBytes(UNIT, 2);
const whole = Buffer.concat([first, second]);

/** @type {Record<string, (upload: Upload) => Promise<import("../support/protocol.js").Answer>>} */
const operations = {
  "PUT of a missing range": (upload) => putChunk(upload, UNIT, second),
  "PUT of a stored range": (upload) => putChunk(upload, 0, first),
  "PUT of other bytes over a stored range": (upload) => putChunk(upload, 0, second),
  "pause": (upload) => patch(upload, "paused"),
  "reopen": (upload) => patch(upload, "open"),
  "complete": (upload) => complete(upload),
  "status": (upload) => status(upload),
  "chunks": (upload) => chunks(upload),
  "content": (upload) => content(upload),
  "cancel": (upload) => cancel(upload),
};

/**
 * Runs each cell of a state's row, and checks the state that it leaves.
 * @param {string} state
 * @param {() => Promise<Upload>} enter gives an upload in that state
 * @param {Record<string, [number | string, string?]>} row the operation's status or problem code, and the state afterwards
 */
function testRow(state, enter, row) {
  for (const [operation, [expected, next]] of Object.entries(row)) {
    test(`${state}: ${operation} is ${expected}`, async () => {
      const upload = await enter();
      const answer = await operations[operation](upload);
      if (typeof expected === "string") assertProblem(answer, expected);
      else assert.equal(answer.status, expected, answer.body.toString());
      const now = await status(upload);
      assert.equal(now.status === 410 ? "gone" : now.json.state, next ?? state);
    });
  }
}

describe("states that a client brings about", () => {
  /** @type {import("../support/server.js").Server} */
  let server;
  before(async () => void (server = await startServer()));
  after(() => server.stop());

  testRow("open", () => createWith(server, first, { size: whole.length }), {
    "PUT of a missing range": [204],
    "PUT of a stored range": [204],
    "PUT of other bytes over a stored range": ["chunk-conflict"],
    "pause": [200, "paused"],
    "reopen": [200],
    "complete": ["incomplete"],
    "status": [200],
    "chunks": [200],
    "content": ["incomplete"],
    "cancel": [204, "gone"],
  });

  testRow("paused", () => paused(first), {
    "PUT of a missing range": ["upload-paused"],
    "PUT of a stored range": [204],
    "PUT of other bytes over a stored range": ["chunk-conflict"],
    "pause": [200],
    "reopen": [200, "open"],
    "complete": ["incomplete"],
    "status": [200],
    "chunks": [200],
    "content": ["incomplete"],
    "cancel": [204, "gone"],
  });

  testRow("open", () => createWith(server, whole), { "complete": [200, "complete"], "content": ["incomplete"] });
  testRow("paused", () => paused(whole), { "complete": [200, "complete"] });

  testRow("complete", completed, {
    "PUT of a stored range": [204],
    "PUT of other bytes over a stored range": ["chunk-conflict"],
    "pause": ["upload-complete"],
    "reopen": ["upload-complete"],
    "complete": [200],
    "status": [200],
    "chunks": [200],
    "content": [200],
    "cancel": ["upload-complete"],
  });

  testRow("gone", cancelled, {
    "PUT of a missing range": ["upload-gone"],
    "PUT of a stored range": ["upload-gone"],
    "PUT of other bytes over a stored range": ["upload-gone"],
    "pause": ["upload-gone"],
    "reopen": ["upload-gone"],
    "complete": ["upload-gone"],
    "status": ["upload-gone"],
    "chunks": ["upload-gone"],
    "content": ["upload-gone"],
    "cancel": [204],
  });

  async function paused(/** @type {Buffer} */ bytes) {
    const upload = await createWith(server, bytes, { size: whole.length });
    assert.equal((await patch(upload, "paused")).json.state, "paused");
    return upload;
  }

  async function completed() {
    const upload = await createWith(server, whole);
    assert.equal((await complete(upload)).json.state, "complete");
    return upload;
  }

  async function cancelled() {
    const upload = await createWith(server, first, { size: whole.length });
    assert.equal((await cancel(upload)).status, 204);
    assert.deepEqual(storedFiles(server, upload), [], "its bytes are still there");
    return upload;
  }
});

describe("a completion that takes long", () => {
  /** @type {import("../support/server.js").Server} */
  let server;
  /** @type {Upload} */
  let upload;
  before(async () => {
    server = await startServer({ wrapper: injecting(RENAMES, "delay_enter=120s") });
    upload = await createWith(server, whole);
    assert.equal((await complete(upload)).status, 202);
  });
  after(() => server.kill9());

  testRow("completing", async () => upload, {
    "PUT of a stored range": [204],
    "PUT of other bytes over a stored range": ["chunk-conflict"],
    "pause": ["upload-not-open"],
    "reopen": ["upload-not-open"],
    "complete": [202],
    "status": [200],
    "chunks": [200],
    "content": ["incomplete"],
    "cancel": ["upload-not-open"],
  });
});

describe("a store that lost the data", () => {
  /** @type {import("../support/server.js").Server} */
  let server;
  /** @type {Upload} */
  let upload;
  before(async () => {
    const stuck = await startServer({ wrapper: injecting(RENAMES, "delay_enter=120s") });
    upload = await createWith(stuck, whole);
    assert.equal((await complete(upload)).status, 202);
    await stuck.kill9();
    for (const path of storedFiles(stuck, upload)) rmSync(path);
    server = await startServer({ port: stuck.port, dataDir: stuck.dataDir });
  });
  after(() => server.stop());

  testRow("failed", async () => upload, {
    "PUT of a stored range": ["upload-not-open"],
    "PUT of other bytes over a stored range": ["upload-not-open"],
    "pause": ["upload-not-open"],
    "reopen": ["upload-not-open"],
    "complete": ["upload-not-open"],
    "status": [200],
    "content": ["upload-not-open"],
    "cancel": [204, "gone"],
  });
});

describe("expiry", () => {
  /** @type {import("../support/server.js").Server} */
  let server;
  before(async () => void (server = await startServer({ args: ["--expire-after", "1s"] })));
  after(() => server.stop());

  testRow("gone", expired, {
    "PUT of a missing range": ["upload-gone"],
    "PUT of a stored range": ["upload-gone"],
    "pause": ["upload-gone"],
    "complete": ["upload-gone"],
    "content": ["upload-gone"],
    "cancel": [204],
  });

  async function expired() {
    const upload = await createWith(server, first, { size: whole.length });
    await until("it expires", async () => (await status(upload)).status === 410, { limitMs: 10_000 });
    return upload;
  }
});
