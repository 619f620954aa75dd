// @ts-check
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { MIB, contentDigest, randomBytes, sha256Hex } from "./bytes.js";
import { request } from "./protocol.js";
import { Proxy } from "./proxy.js";
import { head, rawConnection } from "./raw-connection.js";

/** What a PUT carries where a test does not say. */
export const bytes = randomBytes(MIB);

export const sha256 = sha256Hex(bytes);

/**
 * A proxy before a server that takes every chunk and says what the test wants it to have received. Both end with the test.
 * @param {import("node:test").TestContext} t
 */
export async function behindProxy(t) {
  /** @type {{digests: string[], received: number[][], missing?: number[][], cameAt: number[], open: number}} */
  const upstream = { digests: [], received: [], cameAt: [], open: 0 };
  const server = createServer((incoming, outgoing) => {
    upstream.cameAt.push(performance.now());
    upstream.open++;
    incoming.socket.once("close", () => upstream.open--);
    const hash = createHash("sha256");
    incoming.on("data", (part) => hash.update(part));
    incoming.on("end", () => {
      if (incoming.method === "PUT") {
        upstream.digests.push(hash.digest("hex"));
        return outgoing.writeHead(204).end();
      }
      const { received, missing } = upstream;
      const json = JSON.stringify(missing ? { missing } : { id: "u", received });
      outgoing.writeHead(missing ? 409 : 200, { "content-type": "application/json", "content-length": json.length }).end(json);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy = await Proxy.start();
  proxy.target = /** @type {import("node:net").AddressInfo} */ (server.address()).port;
  t.after(async () => {
    await proxy.close();
    server.closeAllConnections();
    server.close();
  });

  /** @param {number} start @param {Buffer} body */
  const chunk = (start, body) => ({
    "content-range": `bytes ${start}-${start + body.length - 1}/${100 * MIB}`,
    "content-digest": contentDigest(body),
  });
  return {
    proxy,
    upstream,
    /** @param {number} start */
    put: (start, { id = "u", body = bytes } = {}) =>
      request(`${proxy.url}/uploads/${id}/data`, { method: "PUT", headers: chunk(start, body), body }),
    /** @param {import("node:http").Agent | false} [agent] */
    status: (agent) => request(`${proxy.url}/uploads/u`, { agent }),
    create: () => request(`${proxy.url}/uploads`, { method: "POST", body: "{}" }),
    /** A PUT over a bare connection, of which only the head is sent so far. */
    async openPut() {
      const connection = await rawConnection(proxy);
      await connection.send(head("PUT /uploads/u/data HTTP/1.1", { host: "h", "content-length": bytes.length, ...chunk(0, bytes) }));
      return connection;
    },
    /** A status request over a bare connection. */
    async rawStatus() {
      const connection = await rawConnection(proxy);
      await connection.send(head("GET /uploads/u HTTP/1.1", { host: "h" }));
      return connection;
    },
  };
}
