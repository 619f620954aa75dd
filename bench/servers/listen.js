// @ts-check

/**
 * Listens on a free loopback port and tells it to the parent process; ends with it.
 * @param {import("node:http").Server} server
 */
export function listen(server) {
  server.listen(0, "127.0.0.1", () => {
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    process.send?.({ url: `http://127.0.0.1:${port}` });
  });
  process.once("disconnect", () => process.exit());
}
