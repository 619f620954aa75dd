// @ts-check
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";
import { Transform, pipeline } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { WireLog } from "./wire-log.js";

/**
 * @typedef {import("node:http").IncomingMessage} IncomingMessage
 * @typedef {import("node:http").ServerResponse} ServerResponse
 * @typedef {import("./faults.js").Fault} Fault
 * @typedef {import("./faults.js").Rule} Rule
 * @typedef {import("./wire-log.js").Exchange} Exchange
 */

/** Longer than a test: the browser, not the proxy, decides when an idle connection ends. */
const IDLE_MS = 120_000;

/**
 * A reverse proxy that stands between browser and server, counts what passes and injects faults. It streams: no body is kept.
 *
 * When the server does not answer, the browser's connection is cut, as if there were no proxy.
 */
export class Proxy {
  wire = new WireLog();

  /** @type {Rule} may be replaced at any time */
  rule = () => undefined;

  /** The port of the server, on loopback. */
  target = 0;

  /** With false each answer ends its connection. Chromium by itself repeats a request whose *reused* connection was cut: so it can't. */
  keepAlive = true;

  /** For all bodies together. */
  bytesPerSecond = Infinity;

  #server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  #nextFreeAt = 0;
  #port = 0;

  static async start() {
    const proxy = new Proxy();
    proxy.#server.keepAliveTimeout = IDLE_MS;
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.#port = /** @type {import("node:net").AddressInfo} */ (proxy.#server.address()).port;
    return proxy;
  }

  get port() {
    return this.#port;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** What was confirmed to the client and then sent again, or lost. */
  violations() {
    return this.wire.violations();
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /**
   * @param {IncomingMessage} incoming
   * @param {ServerResponse} outgoing
   */
  #pass(incoming, outgoing) {
    const exchange = this.wire.begin(incoming);
    const fault = this.rule(exchange) ?? {};
    outgoing.shouldKeepAlive &&= this.keepAlive;
    outgoing.on("close", () => (exchange.endedAt = performance.now()));
    if (fault.status !== undefined) this.#answer(exchange, fault, incoming, outgoing);
    else this.#forward(exchange, fault, incoming, outgoing);
  }

  /**
   * @param {Exchange} exchange
   * @param {Fault} fault
   * @param {IncomingMessage} incoming
   * @param {ServerResponse} outgoing
   */
  #answer(exchange, { status = 500, headers }, incoming, outgoing) {
    incoming.on("data", (part) => (exchange.bodyBytes += part.length));
    incoming.on("end", () => {
      exchange.status = status;
      outgoing.on("finish", () => this.wire.delivered(exchange, undefined));
      outgoing.writeHead(status, headers).end();
    });
  }

  /**
   * @param {Exchange} exchange
   * @param {Fault} fault
   * @param {IncomingMessage} incoming
   * @param {ServerResponse} outgoing
   */
  #forward(exchange, fault, incoming, outgoing) {
    const { method, url: path, headers } = incoming;
    const upstream = httpRequest({
      host: "127.0.0.1",
      port: this.target,
      method,
      path,
      headers: { ...headers, connection: "close" },
      agent: false,
    });
    const { socket } = incoming;
    const cut = () => {
      upstream.destroy();
      // Once the answer is through, the connection may be another request's.
      if (!outgoing.writableFinished) socket.destroy();
    };
    outgoing.on("close", cut);
    upstream.on("error", cut);
    upstream.on("response", async (answer) => {
      exchange.status = answer.statusCode ?? 0;
      if (fault.dropAnswer) return cut();
      if (fault.delayMs) await sleep(fault.delayMs);
      this.#passAnswer(exchange, answer, outgoing, cut);
    });
    pipeline(incoming, this.#meter(exchange, fault, cut), upstream, (error) => error && cut());
  }

  /**
   * @param {Exchange} exchange
   * @param {IncomingMessage} answer
   * @param {ServerResponse} outgoing
   * @param {() => void} cut
   */
  #passAnswer(exchange, answer, outgoing, cut) {
    const { connection: _, "keep-alive": __, ...headers } = answer.headers;
    /** @type {Buffer[]} */
    const json = [];
    if (/json/.test(headers["content-type"] ?? "")) answer.on("data", (part) => json.push(part));
    outgoing.on("finish", () => this.wire.delivered(exchange, parse(Buffer.concat(json))));
    outgoing.writeHead(answer.statusCode ?? 0, headers);
    pipeline(answer, outgoing, (error) => error && cut());
  }

  /**
   * Counts a body, keeps it to the pace, and does what the fault says.
   * @param {Exchange} exchange
   * @param {Fault} fault
   * @param {() => void} cut
   */
  #meter(exchange, fault, cut) {
    return new Transform({
      transform: (part, _encoding, done) => {
        if (fault.flipByte && exchange.bodyBytes === 0) part[0] ^= 1;
        exchange.bodyBytes += part.length;
        if (exchange.bodyBytes >= (fault.cutAfter ?? Infinity)) return cut();
        const waitMs = this.#waitMs(part.length);
        if (waitMs < 1) done(null, part);
        else setTimeout(done, waitMs, null, part);
      },
    });
  }

  /** @param {number} bytes */
  #waitMs(bytes) {
    if (this.bytesPerSecond === Infinity) return 0;
    const now = performance.now();
    this.#nextFreeAt = Math.max(this.#nextFreeAt, now) + (bytes / this.bytesPerSecond) * 1000;
    return this.#nextFreeAt - now;
  }
}

/** @param {Buffer} body */
function parse(body) {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
