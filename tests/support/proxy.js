// @ts-check
import { once } from "node:events";
import { Agent, createServer } from "node:http";
import { Line } from "./line.js";
import { Passage } from "./passage.js";
import { WireLog } from "./wire-log.js";

/**
 * @typedef {import("node:http").IncomingMessage} IncomingMessage
 * @typedef {import("node:http").ServerResponse} ServerResponse
 * @typedef {import("node:net").Socket} Socket
 * @typedef {import("./faults.js").Rule} Rule
 */

/** Longer than a test: the browser, not the proxy, decides when an idle connection ends. */
const IDLE_MS = 120_000;

/**
 * A reverse proxy that stands between browser and server, counts what passes and injects faults. It streams: no body is kept,
 * but for one that is to be sent twice.
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

  /** The way of the requests. */
  up = new Line();

  /** The way of the answers. */
  down = new Line();

  /** With true every connection on which a request begins is accepted and never answered. */
  isSilent = false;

  /** How long a connection is half-open before it is reset, as when TCP gives up. */
  giveUpMs = Infinity;

  /** @type {WeakSet<Socket>} connections on which nothing passes in either direction any more */
  halfOpen = new WeakSet();

  /** @type {Map<string, number>} how often a fault of a kind has happened */
  injected = new Map();

  /** Of the connections to the server, one for each request. */
  agent = new Agent({ keepAlive: false });

  /** Without it nothing passes, as when a cable is pulled: `unplug` and `plugIn` change it. */
  #isPluggedIn = true;

  #server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  /** @type {Set<Socket>} */
  #sockets = new Set();
  /** @type {Set<Passage>} */
  #passages = new Set();
  #port = 0;

  static async start() {
    const proxy = new Proxy();
    const server = proxy.#server;
    server.keepAliveTimeout = IDLE_MS;
    // It never ends what stands still.
    server.requestTimeout = server.headersTimeout = 0;
    server.on("connection", (socket) => {
      if (!proxy.#isPluggedIn) return void socket.destroy();
      proxy.#sockets.add(socket);
      socket.on("close", () => proxy.#sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    proxy.#port = /** @type {import("node:net").AddressInfo} */ (server.address()).port;
    return proxy;
  }

  get port() {
    return this.#port;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** For the bodies of all requests together. */
  get bytesPerSecond() {
    return this.up.bytesPerSecond;
  }

  set bytesPerSecond(bytesPerSecond) {
    this.up.bytesPerSecond = bytesPerSecond;
  }

  /** What was confirmed to the client and then sent again, or lost. */
  violations() {
    return this.wire.violations();
  }

  /**
   * Makes a connection half-open.
   * @param {Socket} socket
   */
  freeze(socket) {
    if (this.halfOpen.has(socket)) return;
    this.halfOpen.add(socket);
    if (this.giveUpMs === Infinity) return;
    const givesUp = setTimeout(() => socket.resetAndDestroy(), this.giveUpMs);
    socket.once("close", () => clearTimeout(givesUp));
  }

  /**
   * Makes all present connections half-open, as when a router forgets them; new ones work.
   * @returns {number} how many had a request on them
   */
  freezeConnections() {
    const open = this.#openPassages();
    for (const socket of this.#sockets) this.freeze(socket);
    return open.length;
  }

  /**
   * Resets all connections with a request on them. Those without are spared: their last answer might not have been read yet,
   * and nobody could say whether the client has seen it.
   * @returns {number} how many
   */
  resetConnections() {
    const open = this.#openPassages();
    for (const passage of open) passage.reset();
    return open.length;
  }

  /**
   * Cuts all requests under way, and every connection that is tried from now on. An idle connection is spared until it is used:
   * its last answer might not have been read yet, and nobody could say whether the client has seen it.
   */
  unplug() {
    this.#isPluggedIn = false;
    this.resetConnections();
  }

  plugIn() {
    this.#isPluggedIn = true;
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    this.agent.destroy();
    await once(this.#server, "close");
  }

  #openPassages() {
    return [...this.#passages].filter((passage) => passage.isOpen && !this.halfOpen.has(passage.socket));
  }

  /**
   * @param {IncomingMessage} incoming
   * @param {ServerResponse} outgoing
   */
  #pass(incoming, outgoing) {
    if (!this.#isPluggedIn) return void incoming.socket.destroy();
    const exchange = this.wire.begin(incoming);
    const fault = this.rule(exchange) ?? {};
    outgoing.shouldKeepAlive &&= this.keepAlive;
    if (this.isSilent) this.freeze(incoming.socket);
    const passage = new Passage(this, exchange, fault, incoming, outgoing);
    this.#passages.add(passage);
    outgoing.on("close", () => {
      exchange.endedAt = performance.now();
      this.#passages.delete(passage);
    });
    passage.begin();
  }
}
