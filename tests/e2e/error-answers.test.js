// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { BenchPage } from "../support/bench-page.js";
import { MIB, UNIT, contentDigest, randomBytes } from "../support/bytes.js";
import { documentedErrors } from "../support/problem.js";
import { cancel, createUpload, createWith, openPut, patch } from "../support/protocol.js";
import { startServer } from "../support/server.js";
import { sharedBrowser } from "../support/shared-browser.js";
import { storedFiles } from "../support/stored-files.js";
import { injecting } from "../support/strace.js";
import { testSite } from "../support/test-site.js";

// A server that answers before it has read all of a body and then closes is not heard by Firefox and WebKit: the page gets a
// TypeError, which means "try again" and not what the server said. So each error that a PUT can meet is provoked with bodies
// that fit into the buffers on the way and with such that do not, straight at the server.

/** @typedef {import("../support/protocol.js").Upload} Upload */

const SIZES = [MIB, 8 * MIB, 64 * MIB];
const FILE = 128 * MIB;

const args = ["--static", testSite()];
const server = await startServer({ args });
after(() => server.kill9());
const page = await BenchPage.open(await sharedBrowser.driver, "tab", "bench");
let origin = "";

const zeros = Buffer.alloc(64 * MIB);
const others = randomBytes(64 * MIB);
const empty = () => createUpload(server, FILE);

/**
 * What a page sends: to whom, and with which headers.
 * @typedef {{url?: string, upload?: Upload, headers?: Record<string, string | undefined>, end?: () => Promise<unknown>}} Attempt
 */

/** How each of the errors is provoked with a body of so many bytes. @type {Record<string, (size: number) => Promise<Attempt>>} */
const causes = {
  "invalid-request": async () => ({ upload: await empty(), headers: { "content-range": "bytes 0-1" } }),
  "digest-required": async () => ({ upload: await empty(), headers: { "content-digest": undefined } }),
  "digest-mismatch": async () => ({ upload: await empty(), headers: { "content-digest": contentDigest(others) } }),
  "digest-unsupported": async () => ({ upload: await empty(), headers: { "content-digest": "sha-512=:AAAA:" } }),
  "unauthorized": () => withServer({ args: [...args, "--auth-token", "t"] }, (guarded) =>
    createUpload(guarded, FILE, { headers: { authorization: "Bearer t" } })),
  "upload-not-found": async () => ({ url: `${server.url}/uploads/${"0".repeat(32)}/data` }),
  "method-not-allowed": async () => ({ url: `${server.url}/uploads` }),
  "range-busy": async () => {
    const upload = await empty();
    const first = await openPut(upload, 0, others.subarray(0, UNIT), 1);
    return { upload, end: first.abort };
  },
  "chunk-conflict": async (size) => ({ upload: await createWith(server, others.subarray(0, size), { size: FILE }) }),
  "chunk-overlap": async () => ({ upload: await createWith(server, others.subarray(0, UNIT), { size: FILE }) }),
  "upload-paused": async () => {
    const upload = await empty();
    await patch(upload, "paused");
    return { upload };
  },
  "upload-gone": async () => {
    const upload = await empty();
    await cancel(upload);
    return { upload };
  },
  "too-large": async () => ({ upload: await empty(), headers: { "content-range": `bytes 0-${64 * MIB}/${FILE}` } }),
  "range-invalid": async (size) => ({ upload: await empty(), headers: { "content-range": `bytes 1-${size}/${FILE}` } }),
  "rate-limited": () => withServer({ args: [...args, "--max-puts", "1"] }, async (busy) => {
    await openPut(await createUpload(busy, FILE), 0, others.subarray(0, UNIT), 1);
    return createUpload(busy, FILE);
  }),
  "unavailable": () => withFault("fsync,fdatasync,sync_file_range", "error=EIO"),
  "insufficient-storage": () => withFault("write,writev,pwrite64,pwritev,pwritev2", "error=ENOSPC"),
};

/** Those that no PUT of a page can meet. @type {Record<string, string>} */
const elsewhere = {
  "forbidden": "a page of a foreign origin may not read the answer; nobody else is forbidden anything",
  "too-fragmented": "needs 10,000 ranges, and is decided where chunk-overlap is",
  "upload-not-open": "an upload that is being completed has no missing range",
  "upload-complete": "answers DELETE",
  "incomplete": "answers the call to complete",
  "length-required": "a browser always sends the length of a body that is there",
  "unsupported-media-type": "answers POST and PATCH",
  "idempotency-key-reused": "answers POST",
  "internal": "would be a bug",
};

test("each code of the table is provoked here, or can't be met by a PUT", () => {
  assert.deepEqual([...Object.keys(causes), ...Object.keys(elsewhere)].sort(), [...documentedErrors.keys()].sort());
});

for (const [code, cause] of Object.entries(causes)) {
  test(`${code} is seen as such, whatever the length of the chunk`, async () => {
    for (const size of SIZES) {
      const { upload, url = `${upload?.url}/data`, headers, end } = await cause(size);
      const seen = await put(url, size, headers);
      await end?.();
      assert.deepEqual(seen, { status: documentedErrors.get(code)?.status, code }, `${size} bytes`);
    }
  });
}

/**
 * A PUT of zeros from a page of the same server.
 * @param {string} url
 * @param {number} size
 * @param {Attempt["headers"]} headers
 */
async function put(url, size, headers) {
  const site = `${new URL(url).origin}/e2e/`;
  if (site !== origin) await page.load((origin = site));
  const right = { "content-range": `bytes 0-${size - 1}/${FILE}`, "content-digest": digests.get(size) };
  const sent = Object.entries({ ...right, ...headers }).filter(([, value]) => value !== undefined);
  return page.execute(PUT, url, size, sent);
}

const digests = new Map(SIZES.map((size) => [size, contentDigest(zeros.subarray(0, size))]));

const PUT = `
  const [url, size, headers] = arguments;
  window.zeros ??= new Uint8Array(${64 * MIB});
  return fetch(url, { method: "PUT", headers, body: window.zeros.subarray(0, size) })
    .then(async (answer) => ({ status: answer.status, code: (await answer.json()).code }), (error) => ({ error: String(error) }));
`;

/**
 * @param {import("../support/server.js").ServerOptions} options
 * @param {(server: import("../support/server.js").Server) => Promise<Upload>} body
 * @returns {Promise<Attempt>}
 */
async function withServer(options, body) {
  const own = await startServer(options);
  return { upload: await body(own), end: () => own.kill9() };
}

/**
 * A server whose system calls on the file of its only upload fail.
 * @param {string} calls
 * @param {string} what
 * @returns {Promise<Attempt>}
 */
async function withFault(calls, what) {
  const first = await startServer();
  const upload = await createUpload(first, FILE);
  await first.stop();
  const wrapper = injecting(calls, what, storedFiles(first, upload)[0]);
  return withServer({ port: first.port, dataDir: first.dataDir, args, wrapper }, async () => upload);
}
