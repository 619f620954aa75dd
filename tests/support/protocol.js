// @ts-check
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { UNIT, contentDigest } from "./bytes.js";
import { until } from "./until.js";

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {import("node:http").IncomingHttpHeaders} headers
 * @property {Buffer} body
 * @property {any} json the parsed body where its type is JSON, else undefined
 * @property {number | undefined} clientPort the port that the connection came from
 *
 * @typedef {{url: string, size: number, id: string}} Upload
 * @typedef {Record<string, string | number | string[] | undefined>} Headers a header that is undefined is not sent
 *
 * @typedef {object} RequestOptions
 * @property {string} [method]
 * @property {Headers} [headers]
 * @property {string | Uint8Array} [body]
 * @property {import("node:http").Agent | false} [agent] default: a connection of its own
 */

/**
 * One request over a connection of its own, with exactly the headers given (and `Content-Length` for a body).
 * @param {string} url
 * @param {RequestOptions} [options]
 * @returns {Promise<Answer>}
 */
export function request(url, { method = "GET", headers = {}, body, agent = false } = {}) {
  const sent = startRequest(url, { method, headers: { "content-length": body?.length && Buffer.byteLength(body), ...headers }, agent });
  sent.outgoing.end(body);
  return sent.answer;
}

/**
 * A JSON request, as every POST and PATCH is.
 * @param {string} url
 * @param {string} method
 * @param {unknown} json a string is sent as it is
 * @param {Headers} [headers]
 */
export function sendJson(url, method, json, headers = {}) {
  const body = typeof json === "string" ? json : JSON.stringify(json);
  return request(url, { method, body, headers: { "content-type": "application/json", ...headers } });
}

/**
 * `POST /uploads`; with a fresh idempotency key unless the headers name one.
 * @param {{url: string}} server
 * @param {unknown} json
 * @param {Headers} [headers]
 */
export function create(server, json, headers = {}) {
  return sendJson(`${server.url}/uploads`, "POST", json, { "idempotency-key": `"${randomUUID()}"`, ...headers });
}

/**
 * The headers of a right creation with content.
 * @param {Uint8Array} bytes
 * @param {Record<string, unknown>} [json] members of the JSON
 * @returns {Headers}
 */
export function contentHeaders(bytes, json = {}) {
  return {
    "content-type": "application/octet-stream",
    "content-length": bytes.length,
    "content-digest": contentDigest(bytes),
    "idempotency-key": `"${randomUUID()}"`,
    "upload-create": uploadCreate(JSON.stringify({ size: bytes.length, name: "file.bin", ...json })),
  };
}

/**
 * The value of an `Upload-Create` header.
 * @param {string} json
 */
export const uploadCreate = (json) => `:${Buffer.from(json).toString("base64")}:`;

/**
 * Creates an upload together with its bytes, whatever comes of it; with a fresh idempotency key unless the headers name one.
 * @param {{url: string}} server
 * @param {Uint8Array} bytes
 * @param {{headers?: Headers, agent?: RequestOptions["agent"]} & Record<string, unknown>} [more] further members of the
 *   JSON, and headers to be added, changed, or (undefined) left out
 */
export function createWithContent(server, bytes, { headers, agent, ...json } = {}) {
  return request(`${server.url}/uploads`, { method: "POST", headers: { ...contentHeaders(bytes, json), ...headers }, body: bytes, agent });
}

/**
 * The upload that an answer names in its `Location`.
 * @param {{url: string}} server
 * @param {Answer} answer
 * @param {number} size
 * @returns {Upload}
 */
export function locatedUpload(server, { headers }, size) {
  const url = new URL(String(headers.location), server.url).href;
  return { url, size, id: url.slice(-32) };
}

/**
 * Creates an upload that must succeed.
 * @param {{url: string}} server
 * @param {number} size
 * @param {{headers?: Headers} & Record<string, unknown>} [more] further members of the JSON, and headers
 * @returns {Promise<Upload>}
 */
export async function createUpload(server, size, { headers, ...more } = {}) {
  const answer = await create(server, { size, name: "file.bin", ...more }, headers);
  assert.equal(answer.status, 201, answer.body.toString());
  return { url: new URL(String(answer.headers.location), server.url).href, size, id: answer.json.id };
}

/**
 * Creates an upload that holds `bytes` from offset 0 on, sent as chunks of at most `chunk` bytes.
 * @param {{url: string}} server
 * @param {Uint8Array} bytes
 * @param {{size?: number, chunk?: number, headers?: Headers} & Record<string, unknown>} [more]
 */
export async function createWith(server, bytes, { size = bytes.length, chunk = 8 << 20, ...more } = {}) {
  const upload = await createUpload(server, size, more);
  for (let start = 0; start < bytes.length; start += chunk) {
    await storeChunk(upload, start, bytes.subarray(start, start + chunk), more.headers);
  }
  return upload;
}

/**
 * The headers of a right chunk.
 * @param {Upload} upload
 * @param {number} start
 * @param {Uint8Array} bytes
 * @returns {Headers}
 */
export function chunkHeaders(upload, start, bytes) {
  return {
    "content-length": bytes.length,
    "content-range": `bytes ${start}-${start + bytes.length - 1}/${upload.size}`,
    "content-digest": contentDigest(bytes),
  };
}

/**
 * Sends a chunk, whatever comes of it.
 * @param {Upload} upload
 * @param {number} start
 * @param {Uint8Array} bytes
 * @param {Headers} [headers] to be added, changed, or (undefined) left out
 * @param {RequestOptions["agent"]} [agent]
 */
export function putChunk(upload, start, bytes, headers = {}, agent = false) {
  const all = { ...chunkHeaders(upload, start, bytes), ...headers };
  return request(`${upload.url}/data`, { method: "PUT", headers: all, body: bytes, agent });
}

/**
 * Sends a chunk that must be taken.
 * @param {Upload} upload
 * @param {number} start
 * @param {Uint8Array} bytes
 * @param {Headers} [headers]
 */
export async function storeChunk(upload, start, bytes, headers = {}) {
  const answer = await putChunk(upload, start, bytes, headers);
  assert.equal(answer.status, 204, answer.body.toString());
}

/**
 * Stores zeros into the first `count` units of even number: as many separate ranges.
 * @param {Upload} upload
 * @param {number} count
 */
export async function storeEverySecondUnit(upload, count) {
  const agent = new Agent({ keepAlive: true });
  const zeros = Buffer.alloc(UNIT);
  const { "content-digest": digest } = chunkHeaders(upload, 0, zeros);
  let next = 0;
  await Promise.all(Array.from({ length: 48 }, async () => {
    while (next < count) {
      const start = 2 * next++ * UNIT;
      const headers = { "content-length": UNIT, "content-range": `bytes ${start}-${start + UNIT - 1}/${upload.size}`, "content-digest": digest };
      const answer = await request(`${upload.url}/data`, { method: "PUT", headers, body: zeros, agent });
      assert.equal(answer.status, 204, answer.body.toString());
    }
  }));
  agent.destroy();
}

/**
 * Starts a PUT, sends the first `sent` bytes of its chunk, and waits until the status shows them as being received.
 * @param {Upload} upload
 * @param {number} start
 * @param {Buffer} bytes
 * @param {number} sent
 */
export async function openPut(upload, start, bytes, sent) {
  const { outgoing, answer } = startRequest(`${upload.url}/data`, { method: "PUT", headers: chunkHeaders(upload, start, bytes), agent: false });
  outgoing.flushHeaders();
  outgoing.write(bytes.subarray(0, sent));
  await until(`${sent} bytes being received from ${start}`, async () => {
    const { receiving } = (await status(upload)).json;
    return receiving.some((/** @type {number[]} */ [first, at]) => first === start && at === start + sent);
  });
  return {
    answer,
    /** Sends the next `length` bytes. */
    write(/** @type {number} */ length) {
      outgoing.write(bytes.subarray(sent, (sent += length)));
    },
    /** Sends the rest, and gives the answer. */
    finish() {
      outgoing.end(bytes.subarray(sent));
      return answer;
    },
    /** Cuts the connection. */
    abort() {
      outgoing.destroy();
      return answer.catch(() => undefined);
    },
  };
}

/** @param {Upload} upload @param {Headers} [headers] */
export const status = (upload, headers) => request(upload.url, { headers });

/** @param {Upload} upload @param {unknown} [json] @param {Headers} [headers] */
export const complete = (upload, json = {}, headers = {}) => sendJson(`${upload.url}/complete`, "POST", json, headers);

/** @param {Upload} upload @param {"open" | "paused"} state @param {Headers} [headers] */
export const patch = (upload, state, headers = {}) => sendJson(upload.url, "PATCH", { state }, headers);

/** @param {Upload} upload @param {Headers} [headers] */
export const cancel = (upload, headers) => request(upload.url, { method: "DELETE", headers });

/** @param {Upload} upload @param {Headers} [headers] */
export const content = (upload, headers) => request(`${upload.url}/content`, { headers });

/** @param {Upload} upload @param {number | string} [from] */
export const chunks = (upload, from) => request(`${upload.url}/chunks${from === undefined ? "" : `?from=${from}`}`);

/**
 * @param {string} url
 * @param {{method: string, headers: Headers, agent: import("node:http").Agent | false}} options
 */
function startRequest(url, { method, headers, agent }) {
  const present = Object.entries(headers).filter(([, value]) => value !== undefined);
  const { hostname, port, pathname, search } = new URL(url);
  const outgoing = httpRequest({
    hostname,
    port,
    method,
    agent,
    // What stands after the origin goes out as it is: URL would tidy up dots and escapes.
    path: url.startsWith("http://") ? url.slice(url.indexOf("/", 7)) || "/" : pathname + search,
    headers: /** @type {import("node:http").OutgoingHttpHeaders} */ (Object.fromEntries(present)),
  });
  const answer = new Promise((/** @type {(answer: Answer) => void} */ resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (incoming) => {
      /** @type {Buffer[]} */
      const parts = [];
      const clientPort = incoming.socket.localPort;
      incoming.on("data", (part) => parts.push(part));
      incoming.on("error", reject);
      incoming.on("end", () => resolve(toAnswer(incoming, Buffer.concat(parts), clientPort)));
    });
  });
  // A caller that looks at the answer later must not make the failure an unhandled one now.
  answer.catch(() => {});
  return { outgoing, answer };
}

/**
 * @param {import("node:http").IncomingMessage} incoming
 * @param {Buffer} body
 * @param {number | undefined} clientPort
 * @returns {Answer}
 */
function toAnswer({ statusCode = 0, headers }, body, clientPort) {
  const isJson = /^application\/(problem\+)?json/.test(headers["content-type"] ?? "");
  const json = isJson && body.length > 0 ? JSON.parse(body.toString()) : undefined;
  return { status: statusCode, headers, body, json, clientPort };
}
