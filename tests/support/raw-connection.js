// @ts-check
import { once } from "node:events";
import { connect } from "node:net";

/**
 * A bare TCP connection, for what no HTTP client would send.
 * @param {{port: number}} server
 */
export async function rawConnection({ port }) {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.setNoDelay(true);
  await once(socket, "connect");
  let received = Buffer.alloc(0);
  /** @type {Error | undefined} */
  let failure;
  socket.on("data", (part) => (received = Buffer.concat([received, part])));
  socket.on("error", (error) => (failure = error));
  const ended = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));

  return {
    socket,
    /** Resolves when the kernel has taken all of it. @param {string | Uint8Array} bytes */
    send: (bytes) => new Promise((/** @type {(sent: void) => void} */ resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve()))),
    /** What has come so far. */
    received: () => received.toString("latin1"),
    /** All that came until the server closed. */
    async readToEnd() {
      await ended;
      if (failure) throw failure;
      return received.toString("latin1");
    },
    close: () => socket.destroy(),
  };
}

/**
 * The head of a request, one header a line.
 * @param {string} line
 * @param {Record<string, unknown>} headers
 */
export const head = (line, headers) =>
  `${line}\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
