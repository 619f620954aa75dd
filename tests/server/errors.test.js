// @ts-check
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { after, test } from "node:test";
import { UNIT, contentDigest, randomBytes } from "../support/bytes.js";
import { assertProblem, documentedErrors } from "../support/problem.js";
import { cancel, complete, content, create, createUpload, createWith, openPut, patch, putChunk, request, sendJson, status } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { storedFiles } from "../support/stored-files.js";
import { RENAMES, injecting } from "../support/strace.js";

// Each error of docs/protocol.md once, in the plainest way it comes about. The other tests of this folder have the
// variants; this one shows that none is left out.

const server = await startServer();
after(() => server.stop());

const bytes = randomBytes(UNIT);
const others = randomBytes(UNIT, 2);
const empty = () => createUpload(server, 3 * UNIT);
const full = () => createWith(server, bytes);

/** @type {Record<string, () => Promise<import("../support/protocol.js").Answer>>} */
const causes = {
  "invalid-request": () => create(server, "{"),
  "digest-required": async () => putChunk(await empty(), 0, bytes, { "content-digest": undefined }),
  "digest-mismatch": async () => putChunk(await empty(), 0, bytes, { "content-digest": contentDigest(others) }),
  "digest-unsupported": async () => putChunk(await empty(), 0, bytes, { "content-digest": "sha-512=:AAAA:" }),
  "unauthorized": () => withServer({ args: ["--auth-token", "t"] }, (guarded) => create(guarded, { size: 1, name: "a" })),
  "forbidden": () => create(server, { size: 1, name: "a" }, { origin: "https://evil.example" }),
  "upload-not-found": () => request(`${server.url}/uploads/${"0".repeat(32)}`),
  "method-not-allowed": () => request(`${server.url}/uploads`, { method: "DELETE" }),
  "range-busy": async () => {
    const upload = await empty();
    const first = await openPut(upload, 0, bytes, 1);
    const answer = await putChunk(upload, 0, bytes);
    await first.abort();
    return answer;
  },
  "chunk-conflict": async () => putChunk(await full(), 0, others),
  "chunk-overlap": async () => putChunk(await createWith(server, bytes, { size: 2 * UNIT }), 0, Buffer.concat([bytes, others])),
  "upload-paused": async () => {
    const upload = await empty();
    await patch(upload, "paused");
    return putChunk(upload, 0, bytes);
  },
  "upload-not-open": () => withServer({ wrapper: injecting(RENAMES, "delay_enter=60s") }, async (slow) => {
    const upload = await createWith(slow, bytes);
    await complete(upload);
    return cancel(upload);
  }),
  "upload-complete": async () => {
    const upload = await full();
    await complete(upload);
    return cancel(upload);
  },
  "incomplete": async () => complete(await empty()),
  "upload-gone": async () => {
    const upload = await empty();
    await cancel(upload);
    return status(upload);
  },
  "length-required": async () => putChunk(await empty(), 0, bytes, { "content-length": undefined, "transfer-encoding": "chunked" }),
  "too-large": () => create(server, { size: Number.MAX_SAFE_INTEGER, name: "a" }),
  "unsupported-media-type": () => create(server, {}, { "content-type": "text/plain" }),
  "range-invalid": async () => putChunk({ ...(await empty()), size: 4 * UNIT }, 0, bytes),
  "idempotency-key-reused": async () => {
    await create(server, { size: 1, name: "a" }, { "idempotency-key": '"reused"' });
    return create(server, { size: 2, name: "a" }, { "idempotency-key": '"reused"' });
  },
  "rate-limited": () => withServer({}, async (busy) => {
    for (let i = 0; i < 100; i++) await createUpload(busy, 1);
    return create(busy, { size: 1, name: "a" });
  }),
  "internal": async () => {
    const upload = await full();
    await complete(upload);
    for (const path of storedFiles(server, upload)) rmSync(path);
    return content(upload);
  },
  "unavailable": async () => {
    const first = await startServer();
    const upload = await createUpload(first, UNIT);
    await first.stop();
    const wrapper = injecting("fsync,fdatasync", "error=EIO:when=1", storedFiles(first, upload)[0]);
    return withServer({ port: first.port, dataDir: first.dataDir, wrapper }, () => putChunk(upload, 0, bytes));
  },
  "insufficient-storage": () => withServer({ args: ["--min-free", "100%"] }, (small) => create(small, { size: 1, name: "a" })),
};

test("each code of the table has its cause here", () => {
  // 10,000 ranges take their time: once is enough.
  assert.match(readFileSync(new URL("too-fragmented.test.js", import.meta.url), "utf8"), /assertProblem\(.*"too-fragmented"\)/);
  assert.deepEqual([...Object.keys(causes), "too-fragmented"].sort(), [...documentedErrors.keys()].sort());
});

/** The headers that go with a code, beside its members. @type {Record<string, string>} */
const headersOf = {
  "digest-unsupported": "want-content-digest",
  "unauthorized": "www-authenticate",
  "method-not-allowed": "allow",
  "range-busy": "retry-after",
  "rate-limited": "retry-after",
  "unavailable": "retry-after",
};

/** @type {Record<string, string>} */
const membersOf = { "chunk-overlap": "received", "incomplete": "missing", "too-large": "limit" };

for (const [code, cause] of Object.entries(causes)) {
  test(`${code}: status, media type, members and headers are those of the table`, async () => {
    const answer = await cause();
    const problem = assertProblem(answer, code);
    const further = Object.keys(problem).filter((member) => !["type", "title", "status", "detail", "code", "retryable"].includes(member));
    assert.deepEqual(further, membersOf[code] ? [membersOf[code]] : []);
    if (headersOf[code]) assert.ok(answer.headers[headersOf[code]], `no ${headersOf[code]}`);
    assert.doesNotMatch(problem.detail, /upferry-data|\.rs:|panicked|sqlite|os error/i, "inner workings are told");
  });
}

test("nothing that happened here made the server fail", async () => {
  assert.equal((await sendJson(`${server.url}/uploads`, "POST", { size: 1, name: "a" })).status, 201);
  assert.doesNotMatch(server.log(), /panicked/);
});

/**
 * @template T
 * @param {import("../support/server.js").ServerOptions} options
 * @param {(server: import("../support/server.js").Server) => Promise<T>} body
 */
async function withServer(options, body) {
  const own = await startServer(options);
  try {
    return await body(own);
  } finally {
    await own.kill9();
  }
}
