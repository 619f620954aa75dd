// @ts-check
// The classes as JavaScript sees them. Each test gets `make`, which makes an uploader of the module under test.
import { dropped } from "../../js/dropped.js";
import { dump } from "./database.js";
import { fakeServer, problem, silence } from "./fake_server.js";

/** @typedef {(options: object) => any} Make */

class UploadError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.name = "UploadError";
    this.code = code;
  }
}

export const host = {
  /** @param {string} code @param {string} message @param {boolean} retryable @param {number | undefined} status */
  uploadError: (code, message, retryable, status) => Object.assign(new UploadError(code, message), { retryable, status }),
  dropped,
  createWorker() {
    throw new Error("WebCrypto is there");
  },
};

const MIB = 1 << 20;
const options = { endpoint: "/fake", persist: false, chunkSize: MIB };

/** @param {string} name @param {number} size @param {number} [fill] */
const file = (name, size, fill = 7) => new File([new Uint8Array(size).fill(fill)], name, { type: "video/mp4", lastModified: 7 });

/** @param {boolean} truth @param {string} what @returns {asserts truth} */
function assert(truth, what) {
  if (!truth) throw new Error(what);
}

/** @param {unknown} actual @param {unknown} expected */
function equal(actual, expected) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  assert(a === b, `${a} is not ${b}`);
}

/** @param {() => unknown} call */
async function failure(call) {
  try {
    await call();
  } catch (error) {
    return /** @type {any} */ (error);
  }
  throw new Error(`${call} does not fail`);
}

/** @param {() => unknown} condition */
async function until(condition) {
  for (const end = Date.now() + 10_000; !condition(); await pause(5)) assert(Date.now() < end, `never: ${condition}`);
}

/** Waits until so many records are in the database, URL and all. @param {number} count @param {string} namespace */
async function saved(count, namespace) {
  const all = async () => JSON.parse(await dump("upferry")).filter((/** @type {any} */ one) => one.namespace === namespace && one.record.uploadUrl);
  for (const end = Date.now() + 10_000; (await all()).length < count; await pause(5)) assert(Date.now() < end, "no records");
}

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param {Make} make */
export async function aFileArrivesAndTellsOfIt(make) {
  const server = fakeServer();
  const uploader = make({ ...options, metadata: { album: "7" } });
  const upload = uploader.add(file("film.mp4", 3 * MIB), { metadata: { take: "2" } });
  equal([upload.name, upload.size, upload.metadata], ["film.mp4", 3 * MIB, { album: "7", take: "2" }]);
  equal([upload.uploadUrl, upload.contentUrl, upload.reason], [null, null, null]);
  equal(upload.progress, { confirmed: 0, inFlight: 0, total: 3 * MIB, speed: null, eta: null });
  /** @type {any[]} */
  const told = [];
  for (const type of ["state", "chunk", "complete", "progress"]) upload.on(type, (/** @type {any} */ event) => told.push([type, event]));
  assert((await upload.ready) === upload, "ready gives another upload");
  const result = await upload.done;
  await until(() => told.some(([type]) => type === "complete"));

  equal(Object.keys(result), ["id", "uploadUrl", "contentUrl", "name", "size", "digest"]);
  equal([result.id, result.size, result.digest], [upload.id, 3 * MIB, "ab".repeat(32)]);
  assert(result.uploadUrl === upload.uploadUrl && upload.uploadUrl.endsWith("/fake/1"), upload.uploadUrl);
  assert(result.contentUrl === upload.contentUrl && upload.contentUrl.endsWith("/fake/1/content"), upload.contentUrl);
  const events = (/** @type {string} */ type) => told.filter(([one]) => one === type).map(([, event]) => event);
  const states = events("state").map(({ state }) => state);
  equal([states[0], states.at(-1), upload.state], ["checking", "complete", "complete"]);
  equal(events("state").at(-1), { state: "complete", reason: null });
  const chunks = events("chunk").sort((a, b) => a.start - b.start);
  equal(chunks, [0, 1, 2].map((n) => ({ start: n * MIB, end: (n + 1) * MIB })));
  equal(events("complete"), [result]);
  const confirmed = events("progress").map((progress) => progress.confirmed);
  equal(confirmed, confirmed.toSorted((a, b) => a - b));
  equal([upload.progress.confirmed, upload.progress.inFlight], [3 * MIB, 0]);
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function oneUploadIsOneObject(make) {
  const server = fakeServer(silence);
  const uploader = make(options);
  /** @type {any[]} */
  const told = [];
  for (const type of ["added", "state"]) uploader.on(type, (/** @type {any} */ event) => told.push(event));
  const one = file("one.mp4", 5);
  const upload = uploader.add(one);
  assert(told.length === 0, "add() returns before anybody is told");
  assert(uploader.add(one) === upload, "the same File object has the same upload");
  assert(uploader.uploads.length === 1 && uploader.uploads[0] === upload, "uploads holds another object");
  assert(uploader.uploads[0] === uploader.uploads[0], "uploads makes objects");
  await until(() => told.length >= 2);
  assert(told.every((event) => event.upload === upload), "an event holds another object");
  assert(uploader.add(file("two.mp4", 6)) !== upload, "another file has its own");
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function twoFilesOfOneContentAreOneUpload(make) {
  const server = fakeServer((request, nth) => (request.method === "PUT" && nth === 1 ? silence() : undefined));
  const uploader = make(options);
  const first = uploader.add(file("film.mp4", 2 * MIB));
  await until(() => first.state === "uploading");
  const again = file("film.mp4", 2 * MIB);
  const second = uploader.add(again);
  /** @type {string[]} */
  const states = [];
  const off = second.on("state", (/** @type {any} */ { state }) => states.push(state));
  assert(second !== first, "nobody can know yet");
  assert((await second.ready) === first, "it is the first that survives");
  equal([second.id, second.state], [first.id, first.state]);
  equal(uploader.uploads.length, 1);
  assert(uploader.add(again) === first, "the second File object is known by now");

  second.pause();
  equal(first.state, "paused");
  await until(() => states.includes("paused"));
  off();
  second.cancel();
  equal([(await failure(() => first.done)).name, (await failure(() => second.done)).name], ["AbortError", "AbortError"]);
  await pause(10);
  assert(!states.includes("cancelled"), "the listener was taken off");
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function freeEndsEverything(make) {
  const server = fakeServer((request) => (request.method === "PUT" ? silence() : undefined));
  const uploader = make(options);
  const upload = uploader.add(file("film.mp4", 3 * MIB));
  await until(() => server.requests.some(({ method }) => method === "PUT"));
  let calls = 0;
  for (const type of ["state", "progress", "chunk", "retry", "error"]) {
    upload.on(type, () => calls++);
    uploader.on(type, () => calls++);
  }
  const { length } = server.requests;
  upload.pause();
  upload.resume();
  uploader.free();
  await pause(50);
  equal([calls, server.requests.length], [0, length]);
  assert(server.aborted >= 1, "the PUT is still on its way");
  equal((await failure(() => upload.done)).name, "AbortError");
  // What is left of it does nothing, and harms nobody.
  for (const method of ["pause", "resume", "retry", "cancel"]) upload[method]();
  equal(upload.name, "film.mp4");
  server.restore();
}

/** @param {Make} make */
export async function freeIsLegalWithinAListener(make) {
  const server = fakeServer();
  const uploader = make(options);
  let calls = 0;
  uploader.on("state", () => {
    calls += 1;
    uploader.free();
  });
  uploader.on("state", () => (calls += 100));
  const upload = uploader.add(file("film.mp4", 3 * MIB));
  equal((await failure(() => upload.done)).name, "AbortError");
  await pause(30);
  equal(calls, 1);
  server.restore();
}

/** @param {Make} make */
export async function freeIsLegalWithinTheHeadersFunction(make) {
  const server = fakeServer();
  const uploader = make({
    ...options,
    headers() {
      uploader.free();
      return {};
    },
  });
  const upload = uploader.add(file("film.mp4", 5));
  equal((await failure(() => upload.done)).name, "AbortError");
  server.restore();
}

/** @param {Make} make */
export async function cancelIsAnAbortError(make) {
  const server = fakeServer((request) => (request.method === "PUT" ? silence() : undefined));
  const uploader = make(options);
  const upload = uploader.add(file("film.mp4", 3 * MIB));
  /** @type {any[]} */
  const told = [];
  uploader.on("state", (/** @type {any} */ event) => told.push(event));
  uploader.on("idle", () => told.push("idle"));
  await until(() => upload.state === "uploading");
  upload.cancel();
  equal([upload.state, uploader.uploads.length], ["cancelled", 0]);
  const error = await failure(() => upload.done);
  assert(error instanceof DOMException && error.name === "AbortError", String(error));
  await until(() => server.requests.some(({ method }) => method === "DELETE"));
  await until(() => told.at(-1) === "idle");
  equal(told.at(-2).state, "cancelled");
  assert(told.at(-2).upload === upload, "the last event holds another object");
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function listenersComeAndGo(make) {
  const server = fakeServer(silence);
  /** @type {unknown[]} */
  const reported = [];
  const original = globalThis.reportError;
  globalThis.reportError = (error) => void reported.push(error);
  const uploader = make({ ...options, autoStart: false });
  const upload = uploader.add(file("film.mp4", 5));
  /** @type {string[]} */
  const calls = [];
  upload.on("state", () => {
    throw "a listener that throws";
  });
  const off = upload.on("state", () => calls.push("taken off"));
  upload.on("state", () => calls.push("stays"));
  off();
  off();
  upload.resume();
  await until(() => calls.length > 0);
  equal([calls[0], calls.includes("taken off"), reported[0]], ["stays", false, "a listener that throws"]);
  for (const [source, type] of [[upload, "added"], [upload, "idle"], [upload, "nothing"], [uploader, "nothing"], [uploader, 7]]) {
    equal((await failure(() => source.on(type, () => 1))).name, "TypeError");
  }
  equal((await failure(() => upload.on("state", "function"))).name, "TypeError");
  globalThis.reportError = original;
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function whatIsNoFileIsATypeError(make) {
  const uploader = make(options);
  for (const value of [undefined, null, "film.mp4", 7, {}, [], { name: "a", size: 5 }, new Uint8Array(5)]) {
    const error = await failure(() => uploader.add(value));
    equal([error.name, error.message], ["TypeError", "add() takes a File, a Blob or a FileSystemFileHandle"]);
  }
  const blob = new Blob(["abc"]);
  equal((await failure(() => uploader.add(blob))).name, "TypeError");
  equal(uploader.add(blob, { name: "abc.txt" }).name, "abc.txt");
  assert((await failure(() => uploader.add(blob, { nmae: "x" }))).message.includes("nmae"), "the key is not named");
  equal((await failure(() => make({ endpoint: "/fake", chunksize: 5 }))).name, "TypeError");
  uploader.free();
}

/** @param {Make} make */
export async function aRejectedFileThrowsAndIsTold(make) {
  const uploader = make({ ...options, autoStart: false, restrictions: { maxSize: 10, maxFiles: 1, accept: "video/*" } });
  /** @type {any[]} */
  const rejected = [];
  uploader.on("rejected", (/** @type {any} */ event) => rejected.push(event));
  const large = file("large.mp4", 11);
  const error = await failure(() => uploader.add(large));
  equal([error.name, error.code, error.retryable], ["UploadError", "too-large", false]);
  uploader.add(file("one.mp4", 5));
  equal((await failure(() => uploader.add(file("two.mp4", 6)))).code, "too-many-files");
  equal((await failure(() => uploader.add(new File(["abc"], "a.txt", { type: "text/plain" })))).code, "too-many-files");
  await until(() => rejected.length === 3);
  assert(rejected[0].file === large && rejected[0].error.code === "too-large", "the event is about another file");
  uploader.free();
}

/** @param {Make} make */
export async function aFailureHasACodeAndARetryANewPromise(make) {
  const server = fakeServer((request, nth) => (request.method === "POST" && nth <= 2 ? problem(403, "forbidden") : undefined));
  const uploader = make(options);
  const upload = uploader.add(file("film.mp4", 5));
  const { done } = upload;
  assert(upload.done === done, "done is the same promise each time");
  const error = await failure(() => done);
  // The first refusal is of the file along with its creation, the second of the creation alone.
  equal(server.requests.length, 2);
  equal([error.name, error.code, error.status, error.retryable, upload.state], ["UploadError", "forbidden", 403, false, "failed"]);
  assert(error.message.length > 0, "no message");
  upload.retry();
  assert(upload.done !== done, "retry() makes a new promise");
  equal((await upload.done).size, 5);
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function addingAFailedFileAgainTriesAgain(make) {
  const server = fakeServer((request, nth) => (request.method === "POST" && nth <= 2 ? problem(403, "forbidden") : undefined));
  const uploader = make(options);
  const picked = file("film.mp4", 5);
  const upload = uploader.add(picked);
  equal((await failure(() => upload.done)).code, "forbidden");
  const again = uploader.add(picked);
  equal((await again.done).size, 5);
  assert((await again.ready).state === "complete", "it is not complete");
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function headersAreAskedForOnceAndAgainAfterA401(make) {
  const server = fakeServer((request, nth) => (request.method === "PUT" && nth === 1 ? problem(401, "unauthorized") : undefined));
  let asked = 0;
  const headers = async () => ({ authorization: `Bearer ${++asked}`, "content-range": "bytes 0-0/1" });
  const uploader = make({ ...options, headers });
  const upload = uploader.add(file("film.mp4", 2 * MIB), { headers: { "x-album": "7" } });
  await upload.done;
  equal(asked, 2);
  equal(server.requests[0].headers.get("authorization"), "Bearer 1");
  equal(server.requests.at(-1)?.headers.get("authorization"), "Bearer 2");
  assert(server.requests.every(({ headers }) => headers.get("x-album") === "7"), "the upload's own header is missing");
  const put = server.requests.findLast(({ method }) => method === "PUT");
  assert(put?.headers.get("content-range") !== "bytes 0-0/1", "the protocol's headers go before the application's");
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function aStrangeRejectionOfFetchIsALostConnection(make) {
  let failures = 0;
  const server = fakeServer((request) => {
    if (request.method !== "POST" || failures++ > 0) return undefined;
    throw "a string";
  });
  const uploader = make({ ...options, retry: { baseDelay: 1, maxDelay: 5 } });
  const upload = uploader.add(file("film.mp4", 5));
  /** @type {any[]} */
  const retries = [];
  upload.on("retry", (/** @type {any} */ event) => retries.push(event));
  equal((await upload.done).size, 5);
  equal([retries[0].attempt, retries[0].error.code, typeof retries[0].delay], [1, "network", "number"]);
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function whatWasInterruptedIsListedAndResumed(make) {
  const server = fakeServer((request, nth) => (request.method === "PUT" && nth > 1 ? silence() : undefined));
  const persistent = { ...options, persist: true, parallelChunks: 1, namespace: `test-${Math.random()}` };
  const first = make(persistent);
  const upload = first.add(file("film.mp4", 3 * MIB, 9));
  await until(() => upload.progress.confirmed === MIB);
  equal(await first.interrupted(), []);
  first.free();
  server.restore();

  const offline = fakeServer(() => Promise.reject(new TypeError("offline")));
  const second = make(persistent);
  const [unknown] = await second.interrupted();
  equal([unknown.name, unknown.size, unknown.confirmed, unknown.canReopen], ["film.mp4", 3 * MIB, null, false]);
  assert(unknown.updated instanceof Date && Date.now() - unknown.updated.getTime() < 60_000, "no date");
  offline.restore();

  const page = { status: 404, headers: { "Content-Type": "text/html" } };
  const portal = fakeServer(() => new Response("<h1>Sign in to the Wi-Fi</h1>", page));
  equal((await second.interrupted()).map((/** @type {any} */ one) => one.confirmed), [null]);
  portal.restore();

  const gone = fakeServer((request) => (request.method === "GET" ? problem(410, "upload-gone") : undefined));
  equal((await make({ ...persistent, namespace: "another" }).interrupted()).length, 0);
  equal(await second.interrupted(), []);
  equal((await failure(() => unknown.resume("film.mp4"))).name, "TypeError");
  gone.restore();
  second.free();
}

/** @param {Make} make */
export async function anInterruptedUploadIsDiscardedOrForgotten(make) {
  const server = fakeServer((request) => (request.method === "PUT" ? silence() : undefined));
  const persistent = { ...options, persist: true, namespace: `test-${Math.random()}` };
  const first = make(persistent);
  for (const fill of [1, 2, 3]) first.add(file(`${fill}.mp4`, 2 * MIB, fill));
  await saved(3, persistent.namespace);
  first.free();

  const second = make(persistent);
  const found = await second.interrupted();
  equal(found.map((/** @type {any} */ one) => one.confirmed), [0, 0, 0]);
  await found[0].discard();
  assert(server.requests.some(({ method }) => method === "DELETE"), "the server did not hear of it");
  equal((await second.interrupted()).length, 2);
  await second.forgetAll();
  equal(await second.interrupted(), []);
  second.free();
  server.restore();
}

/** @param {Make} make */
export async function newHeadersAreAskedForOnceForAllThatIsInterrupted(make) {
  const persistent = { ...options, persist: true, namespace: `test-${Math.random()}` };
  const server = fakeServer((request) => (request.method === "PUT" ? silence() : undefined));
  const first = make(persistent);
  for (const fill of [1, 2, 3]) first.add(file(`${fill}.mp4`, 2 * MIB, fill));
  await saved(3, persistent.namespace);
  first.free();
  server.restore();

  let asked = 0;
  let expired = true;
  const late = fakeServer(({ method, headers }) => {
    if (headers.get("authorization") !== `Bearer ${asked}` || expired) {
      expired = false;
      return problem(401, "unauthorized");
    }
    return method === "DELETE" ? new Response(null, { status: 204 }) : problem(410, "upload-gone");
  });
  const second = make({ ...persistent, headers: () => ({ authorization: `Bearer ${++asked}` }) });
  equal(await second.interrupted(), []);
  equal([asked, late.requests.length], [2, 4]);
  second.free();
  late.restore();
}

/** @param {Make} make */
export async function whatIsDiscardedLeavesNothingHereThoughTheServerIsSilent(make) {
  const persistent = { ...options, persist: true, namespace: `test-${Math.random()}` };
  const server = fakeServer((request) => (request.method === "PUT" ? silence() : undefined));
  const first = make(persistent);
  first.add(file("film.mp4", 2 * MIB));
  await saved(1, persistent.namespace);
  first.free();
  const second = make(persistent);
  const [found] = await second.interrupted();
  server.restore();

  const silent = fakeServer(silence);
  const discarded = found.discard();
  const asked = second.interrupted();
  await until(() => silent.requests.some(({ method }) => method === "DELETE"));
  const third = make(persistent);
  for (const end = Date.now() + 10_000; (await third.interrupted()).length > 0; ) assert(Date.now() < end, "its record stays");
  second.free();
  equal([(await failure(() => discarded)).name, silent.aborted >= 1], ["AbortError", true]);
  const outcome = await asked.catch((/** @type {any} */ error) => error.name);
  assert(outcome === "AbortError" || outcome.length === 0, String(outcome));
  third.free();
  silent.restore();
}

/** @param {Make} make */
export async function whatWasRefusedForGoodIsNotInterrupted(make) {
  const persistent = { ...options, persist: true, namespace: `test-${Math.random()}` };
  const server = fakeServer((request) => (request.method === "POST" ? problem(413, "too-large") : undefined));
  const first = make(persistent);
  equal((await failure(() => first.add(file("film.mp4", MIB)).done)).code, "too-large");
  first.free();
  const second = make(persistent);
  equal(await second.interrupted(), []);
  second.free();
  server.restore();
}

/** @param {Make} make */
export async function aThousandFilesAreAddedAtOnce(make) {
  const server = fakeServer(silence);
  const uploader = make(options);
  const files = Array.from({ length: 1000 }, (_, i) => file(`${i}.mp4`, 5, i & 255));
  const start = performance.now();
  for (const one of files) uploader.add(one);
  const ms = performance.now() - start;
  equal(uploader.uploads.length, 1000);
  assert(ms < 2000, `${ms} ms`);
  uploader.pauseAll();
  assert(uploader.uploads.every((/** @type {any} */ upload) => upload.state === "paused"), "one goes on");
  uploader.resumeAll();
  assert(uploader.uploads.every((/** @type {any} */ upload) => upload.state !== "paused"), "one stays");
  uploader.cancelAll();
  equal(uploader.uploads.length, 0);
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function offlineIsWaitedOut(make) {
  let isOffline = false;
  const server = fakeServer(() => (isOffline ? Promise.reject(new TypeError("offline")) : undefined));
  const uploader = make({ ...options, retry: { maxAttempts: 1 } });
  isOffline = true;
  globalThis.dispatchEvent(new Event("offline"));
  const upload = uploader.add(file("film.mp4", 3 * MIB));
  await until(() => upload.state === "waiting");
  equal([upload.reason, server.requests.length], ["offline", 0]);
  isOffline = false;
  globalThis.dispatchEvent(new Event("online"));
  equal((await upload.done).size, 3 * MIB);
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function aPagePutAwayGoesOnWhenItIsBack(make) {
  // A worker is not told; it sleeps, and notices that.
  if (typeof document === "undefined") return;
  const server = fakeServer((request, nth) => (request.method === "PUT" && nth <= 2 ? silence() : undefined));
  const uploader = make({ ...options, parallelChunks: 2 });
  const upload = uploader.add(file("film.mp4", 3 * MIB));
  const puts = () => server.requests.filter(({ method }) => method === "PUT").length;
  await until(() => puts() === 2);
  const before = server.aborted;
  globalThis.dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
  await until(() => server.aborted === before + 2);
  equal(puts(), 2);
  globalThis.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
  equal((await upload.done).size, 3 * MIB);
  uploader.free();
  server.restore();
}

/** @param {Make} make */
export async function leavingAsksOnlyWhileSomethingWouldBeLost(make) {
  const asks = () => !globalThis.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const server = fakeServer((request, nth) => (request.method === "POST" && nth === 1 ? silence() : undefined));
  const careless = make(options);
  careless.add(file("film.mp4", 3 * MIB, 1));
  assert(!asks(), "it asks without guardUnload");
  careless.free();
  server.restore();

  const slow = fakeServer((request) => (request.method === "PUT" ? silence() : undefined));
  const uploader = make({ ...options, guardUnload: true });
  assert(!asks(), "it asks with nothing to lose");
  const upload = uploader.add(file("film.mp4", 3 * MIB));
  equal(asks(), typeof document !== "undefined");
  upload.pause();
  equal(asks(), typeof document !== "undefined");
  upload.cancel();
  assert(!asks(), "it asks when all is over");
  uploader.add(file("film.mp4", 3 * MIB));
  uploader.free();
  assert(!asks(), "it asks after free()");
  slow.restore();
}

/** @param {Make} make */
export async function aSmallFileGoesAlongWithItsCreation(make) {
  const server = fakeServer();
  const uploader = make(options);
  const long = "x".repeat(8_000);
  equal((await uploader.add(file("film.mp4", 5)).done).size, 5);
  const [post] = server.requests;
  equal([server.requests.length, post.headers.get("content-type")], [1, "application/octet-stream"]);
  assert(/^:[A-Za-z0-9+/]+=*:$/.test(post.headers.get("upload-create") ?? ""), "the header is malformed");
  assert(/^sha-256=:/.test(post.headers.get("content-digest") ?? ""), "there is no digest");
  // What does not fit into the header is created alone.
  equal((await uploader.add(file("other.mp4", 6), { metadata: { long } }).done).size, 6);
  equal(server.requests.slice(1).map(({ method }) => method), ["POST", "PUT"]);
  assert(server.requests[1].headers.get("content-type") === "application/json", "it is no plain creation");
  uploader.free();
  server.restore();
}

/** What a browser gives of a dropped folder, a few entries at a time. @param {string} name @param {any[]} children */
const folder = (name, children) => ({
  name,
  isDirectory: true,
  createReader() {
    const rest = [...children];
    return {
      /** @param {(entries: any[]) => void} resolve @param {(error: Error) => void} reject */
      readEntries(resolve, reject) {
        const batch = rest.splice(0, 2);
        if (batch.some((entry) => entry === "broken")) reject(new DOMException("gone", "NotFoundError"));
        else resolve(batch);
      },
    };
  },
});

/** @param {File | string} content of a file, or the name of one that can't be read */
const entry = (content) => ({
  name: typeof content === "string" ? content : content.name,
  isDirectory: false,
  content,
  /** @param {(file: File) => void} resolve @param {(error: Error) => void} reject */
  file(resolve, reject) {
    if (typeof content === "string") reject(new DOMException("gone", "NotFoundError"));
    else resolve(content);
  },
});

/** A drop of entries, readable only until the event is over, as a real one is. @param {any[]} roots */
function dropOf(roots) {
  let isOver = false;
  queueMicrotask(() => (isOver = true));
  const items = roots.map((root) => ({
    kind: "file",
    webkitGetAsEntry: () => (isOver ? null : root),
    getAsFile: () => (isOver || root.isDirectory ? null : root.content),
  }));
  return { items: [{ kind: "string" }, ...items] };
}

/** @param {Make} make */
export async function foldersAreWalked(make) {
  const uploader = make({ ...options, autoStart: false, restrictions: { maxSize: 10 } });
  /** @type {any[]} */
  const rejected = [];
  uploader.on("rejected", (/** @type {any} */ { file, error }) => rejected.push([file.name, file.size, error.code]));
  const deep = folder("deep", [entry(file("5.mp4", 5)), folder("empty", [])]);
  const album = folder("album", [...[1, 2, 3].map((size) => entry(file(`${size}.mp4`, size))), deep, entry(file("large.mp4", 11)), entry("lost.mp4")]);
  const uploads = await uploader.addDropped(dropOf([album, folder("bad", ["broken"]), entry(file("0.mp4", 4))]));
  const paths = uploads.map((/** @type {any} */ { name, metadata }) => metadata.relativePath ?? name);
  equal(paths.toSorted(), ["0.mp4", "album/1.mp4", "album/2.mp4", "album/3.mp4", "album/deep/5.mp4"]);
  assert(uploads.every((/** @type {any} */ upload) => uploader.uploads.includes(upload)), "it is another list");
  await until(() => rejected.length === 3);
  equal(rejected.toSorted(), [["bad", 0, "file-unreadable"], ["large.mp4", 11, "too-large"], ["lost.mp4", 0, "file-unreadable"]]);
  for (const nothing of [undefined, null, {}, "drop"]) {
    equal((await failure(() => uploader.addDropped(nothing))).name, "TypeError");
  }
  equal(await uploader.addDropped({ items: [{ kind: "string" }] }), []);
  uploader.free();
}

/** @param {Make} make */
export async function freeIsLegalWhileFoldersAreWalked(make) {
  const uploader = make({ ...options, autoStart: false });
  const walking = uploader.addDropped(dropOf([folder("album", [entry(file("1.mp4", 1))])]));
  uploader.free();
  equal((await failure(() => walking)).name, "AbortError");
}

/** @param {Make} make */
export async function aHandleThatCanNotBeOpenedSaysSo(make) {
  const uploader = make({ ...options, autoStart: false });
  const root = await navigator.storage.getDirectory();
  const handle = await root.getFileHandle("gone.mp4", { create: true });
  equal((await uploader.add(handle)).name, "gone.mp4");
  equal((await failure(() => uploader.add(handle, { nmae: "x" }))).name, "TypeError");
  await root.removeEntry("gone.mp4");
  const error = await failure(() => uploader.add(handle));
  equal([error.name, error.code], ["UploadError", "file-unreadable"]);
  equal(uploader.uploads.length, 1);
  uploader.free();
}
