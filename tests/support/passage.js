// @ts-check
import { request as httpRequest, STATUS_CODES } from "node:http";
import { Readable, pipeline } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * @typedef {import("node:http").IncomingMessage} IncomingMessage
 * @typedef {import("node:http").ServerResponse} ServerResponse
 * @typedef {import("node:http").OutgoingHttpHeaders} Headers
 * @typedef {import("./faults.js").Fault} Fault
 * @typedef {import("./proxy.js").Proxy} Proxy
 * @typedef {import("./wire-log.js").Exchange} Exchange
 */

/** How long a proxy that has answered early goes on reading, so that the answer is not lost with the connection (nginx: 5 s). */
const LINGER_MS = 5000;

/** The way of one request through the proxy, and of its answer back. */
export class Passage {
  #proxy;
  #exchange;
  #fault;
  #incoming;
  #outgoing;
  /** @type {import("node:http").ClientRequest[]} */
  #upstreams = [];
  /** @type {Buffer[]} of the body, for a second request */
  #kept = [];

  /**
   * @param {Proxy} proxy
   * @param {Exchange} exchange
   * @param {Fault} fault
   * @param {IncomingMessage} incoming
   * @param {ServerResponse} outgoing
   */
  constructor(proxy, exchange, fault, incoming, outgoing) {
    this.#proxy = proxy;
    this.#exchange = exchange;
    this.#fault = fault;
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.socket = incoming.socket;
  }

  /** Whether some of the answer is still to come. */
  get isOpen() {
    return !this.#outgoing.writableFinished && !this.socket.destroyed;
  }

  begin() {
    this.#outgoing.on("close", () => {
      // Who is at the other end of a half-open connection does not hear that this end is gone.
      if (!this.#isHalfOpen()) this.#cut();
    });
    if (this.#isHalfOpen()) return;
    const { breakAfter, status, early } = this.#fault;
    if (breakAfter === 0) this.#breakOff();
    else if (status === undefined) this.#forward();
    else if (early) this.#answerEarly();
    else this.#answer();
  }

  #forward() {
    const { twice } = this.#fault;
    const first = this.#ask(twice ? (answer) => answer.resume() : (answer) => this.#answered(answer));
    const body = this.#body();
    // No pipeline(): the server may answer, and close, as soon as it has the last byte, before it is told that this was the end.
    this.#incoming.pipe(body).pipe(first);
    if (!twice) return;
    this.#count();
    body.on("end", () => this.#ask((answer) => this.#answered(answer)).end(Buffer.concat(this.#kept)));
  }

  /**
   * A request to the server like the browser's.
   * @param {(answer: IncomingMessage) => void} onAnswer
   * @param {() => void} [onError]
   */
  #ask(onAnswer, onError = () => this.#cut()) {
    const { method, url: path, headers } = this.#incoming;
    const { target: port, agent } = this.#proxy;
    const upstream = httpRequest({ host: "127.0.0.1", port, method, path, headers: { ...headers, connection: "close" }, agent });
    this.#upstreams.push(upstream);
    return upstream.on("response", onAnswer).on("error", onError);
  }

  /** @param {IncomingMessage} answer */
  #answered(answer) {
    // The server may end in the middle of its answer.
    this.#passAnswer(answer).catch(() => this.#cut());
  }

  /** @param {IncomingMessage} answer */
  async #passAnswer(answer) {
    if (this.#isHalfOpen()) return;
    const { dropAnswer, delayMs, againMs } = this.#fault;
    this.#exchange.status = answer.statusCode ?? 0;
    if (againMs !== undefined) setTimeout(() => this.#askAgain(), againMs);
    if (dropAnswer) return this.#breakOff();
    if (delayMs) {
      this.#count();
      await sleep(delayMs);
    }
    const { connection: _, "keep-alive": __, ...headers } = answer.headers;
    return this.#passOn(headers, answer);
  }

  /** Nobody waits for what comes of it; the server may be away by now. */
  #askAgain() {
    this.#count();
    this.#ask((answer) => answer.resume(), () => {}).end(Buffer.concat(this.#kept));
  }

  /**
   * @param {Headers} headers
   * @param {Readable} body
   */
  async #passOn(headers, body) {
    const { answerBytes, shorten } = this.#fault;
    const status = Number(this.#exchange.status);
    if (answerBytes !== undefined) return this.#passSome(headers, Buffer.concat(await body.toArray()), answerBytes);
    if (shorten !== undefined && headers["content-length"] !== "0" && status !== 204) {
      const bytes = Buffer.concat(await body.toArray());
      const some = bytes.subarray(0, Math.min(shorten, bytes.length - 1));
      this.#count();
      [body, headers] = [Readable.from([some]), { ...headers, "content-length": some.length }];
    }
    /** @type {Buffer[]} */
    const parts = [];
    const isJson = /json/.test(String(headers["content-type"] ?? ""));
    const stream = this.#proxy.down.body({
      backMs: () => this.#proxy.up.latencyMs,
      isDead: () => this.#isHalfOpen(),
      onPart: (part) => {
        if (isJson) parts.push(part);
        return true;
      },
    });
    this.#outgoing.on("finish", () => this.#proxy.wire.delivered(this.#exchange, parse(Buffer.concat(parts))));
    this.#outgoing.writeHead(status, headers);
    pipeline(body, stream, this.#outgoing, (error) => error && this.#cut());
  }

  /**
   * The beginning of an answer, as bytes, and no more.
   * @param {Headers} headers
   * @param {Buffer} body
   * @param {number} bytes
   */
  #passSome(headers, body, bytes) {
    const head = headOf(Number(this.#exchange.status), headers);
    const some = body.length > 0 ? Buffer.concat([head, body.subarray(0, Math.min(bytes, body.length - 1))]) : head.subarray(0, head.length / 2);
    if (!this.#isHalfOpen()) this.socket.write(some, () => this.#breakOff());
  }

  #answer() {
    const { status = 500, headers, body = "" } = this.#fault;
    const answer = () => {
      if (this.#isHalfOpen()) return;
      this.#count();
      this.#exchange.status = status;
      this.#passOn({ ...headers, "content-length": Buffer.byteLength(body) }, Readable.from(body ? [Buffer.from(body)] : []));
    };
    this.#incoming.pipe(this.#body()).on("end", answer).resume();
  }

  #answerEarly() {
    const { status = 500, headers, body = "" } = this.#fault;
    this.#count();
    this.#exchange.status = status;
    this.#incoming.on("data", (part) => (this.#exchange.bodyBytes += part.length));
    const head = headOf(status, { ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
    this.socket.end(Buffer.concat([head, Buffer.from(body)]), () => this.#proxy.wire.delivered(this.#exchange, undefined));
    const linger = setTimeout(() => this.socket.destroy(), LINGER_MS);
    this.socket.once("close", () => clearTimeout(linger));
  }

  /** The request's body on its way: counted, kept to the pace, and broken off where the fault says so. */
  #body() {
    const { breakAfter = Infinity, flipByte, twice, againMs } = this.#fault;
    return this.#proxy.up.body({
      backMs: () => this.#proxy.down.latencyMs,
      isDead: () => this.#isHalfOpen(),
      onPart: (part) => {
        if (this.#isHalfOpen()) return false;
        if (flipByte && this.#exchange.bodyBytes === 0) {
          part[0] ^= 1;
          this.#count();
        }
        this.#exchange.bodyBytes += part.length;
        if (twice || againMs !== undefined) this.#kept.push(part);
        if (this.#exchange.bodyBytes < breakAfter) return true;
        this.#breakOff();
        return false;
      },
    });
  }

  #breakOff() {
    this.#count();
    if (this.#fault.how === "freeze") this.#proxy.freeze(this.socket);
    else if (this.#fault.how === "reset") this.reset();
    else this.#cut();
  }

  /** Ends the connection with an RST. */
  reset() {
    for (const upstream of this.#upstreams) upstream.destroy();
    this.socket.resetAndDestroy();
  }

  #cut() {
    if (this.#isHalfOpen()) return;
    for (const upstream of this.#upstreams) upstream.destroy();
    // Once the answer is through, the connection may be another request's.
    if (!this.#outgoing.writableFinished) this.socket.destroy();
  }

  #isHalfOpen() {
    return this.#proxy.halfOpen.has(this.socket);
  }

  /** The fault has happened, and is not only meant to. */
  #count() {
    const { kind } = this.#fault;
    if (kind) this.#proxy.injected.set(kind, (this.#proxy.injected.get(kind) ?? 0) + 1);
  }
}

/**
 * @param {number} status
 * @param {Headers} headers
 */
function headOf(status, headers) {
  const lines = Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${one}\r\n`));
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`);
}

/** @param {Buffer} body */
function parse(body) {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
