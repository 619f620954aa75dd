// @ts-check
// A server that lives in the page, in place of `fetch`: just enough for what the module itself must get right. The real
// server is what the end-to-end tests use.

/**
 * @typedef {object} Fake
 * @property {{method: string, url: string, headers: Headers}[]} requests
 * @property {number} aborted
 * @property {() => void} restore
 *
 * @typedef {(request: Request, nth: number) => Response | Promise<Response> | undefined} Interfere
 */

/**
 * @param {Interfere} [interfere] answers a request instead; `nth` counts those of its method
 * @returns {Fake}
 */
export function fakeServer(interfere = () => undefined) {
  const original = globalThis.fetch;
  /** @type {Map<string, any>} */
  const uploads = new Map();
  /** @type {Fake} */
  const fake = { requests: [], aborted: 0, restore: () => void (globalThis.fetch = original) };

  globalThis.fetch = async (input) => {
    const request = /** @type {Request} */ (input);
    const { method, url, headers, signal } = request;
    fake.requests.push({ method, url, headers });
    const nth = fake.requests.filter((one) => one.method === method).length;
    const aborted = new Promise((_, reject) => {
      signal.addEventListener("abort", () => {
        fake.aborted += 1;
        reject(new DOMException("aborted", "AbortError"));
      });
    });
    aborted.catch(() => {});
    const instead = interfere(request, nth);
    return /** @type {Promise<Response>} */ (Promise.race([aborted, instead ?? answer(request, uploads)]));
  };
  return fake;
}

/** Never answers. @returns {Promise<Response>} */
export const silence = () => new Promise(() => {});

/** @param {number} status @param {string} code */
export const problem = (status, code) =>
  new Response(JSON.stringify({ code, detail: "" }), { status, headers: { "Content-Type": "application/problem+json" } });

/** @param {Request} request @param {Map<string, any>} uploads */
async function answer(request, uploads) {
  const [, id, resource] = new URL(request.url).pathname.match(/\/fake\/?([^/]*)\/?(.*)$/) ?? [];
  const along = request.headers.get("Upload-Create");
  if (!id && along) return create(JSON.parse(atob(along.slice(1, -1))), uploads, (await request.arrayBuffer()).byteLength);
  if (!id) return create(await request.json(), uploads);
  const upload = uploads.get(id);
  if (!upload || request.method === "DELETE") return new Response(null, { status: upload ? 204 : 404 });
  if (request.method === "PUT") {
    const [, first, last] = request.headers.get("Content-Range")?.match(/bytes (\d+)-(\d+)/) ?? [];
    const length = (await request.arrayBuffer()).byteLength;
    if (length !== Number(last) - Number(first) + 1) return problem(400, "invalid-request");
    upload.chunks.push([Number(first), Number(last) + 1]);
    upload.receivedBytes += length;
    if (upload.receivedBytes < upload.size || !upload.completeWhenFull) return new Response(null, { status: 204 });
  }
  if (resource === "complete" || upload.receivedBytes === upload.size) upload.state = "complete";
  if (request.method === "PATCH") upload.state = (await request.json()).state;
  return Response.json(status(upload));
}

/** @param {any} body @param {Map<string, any>} uploads @param {number} length of the content that came along */
function create(body, uploads, length = 0) {
  const id = String(uploads.size + 1);
  const state = body.size === length && body.completeWhenFull ? "complete" : "open";
  const upload = { ...body, id, state, chunks: length > 0 ? [[0, length]] : [], receivedBytes: length };
  uploads.set(id, upload);
  return Response.json(status(upload), { status: 201, headers: { Location: `/fake/${id}` } });
}

/** @param {any} upload */
function status({ id, state, size, name, chunks, receivedBytes }) {
  /** @type {number[][]} */
  const received = [];
  for (const [start, end] of chunks.toSorted((/** @type {number[]} */ a, /** @type {number[]} */ b) => a[0] - b[0])) {
    const last = received.at(-1);
    if (last && last[1] === start) last[1] = end;
    else received.push([start, end]);
  }
  const digest = state === "complete" ? { "sha-256": "ab".repeat(32) } : null;
  return { id, state, size, name, received, receivedBytes, chunk: { unit: 65536, max: 67108864 }, digest };
}
