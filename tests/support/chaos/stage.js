// @ts-check
import { Proxy } from "../proxy.js";
import { startServer } from "../server.js";
import { Stage } from "../stage.js";
import { testSite } from "../test-site.js";

/**
 * A stage where the page comes from a server of its own, which nothing happens to: so the requests that meet the proxy are
 * cross-origin, and what answers in the server's place without CORS headers can't be read.
 * @param {import("node:test").TestContext} t
 */
export async function openCrossOriginStage(t) {
  const site = await startServer({ args: ["--static", testSite()] });
  t.after(() => site.kill9());
  const proxy = await Proxy.start();
  t.after(() => proxy.close());
  const serverArgs = ["--public-url", proxy.url, "--cors-origin", site.url];
  // With its index named, the page opens no uploader by itself.
  const stage = new Stage(proxy, await startServer({ args: serverArgs }), { origin: site.url, serverArgs, path: "/e2e/index.html" });
  t.after(() => stage.server.kill9());
  t.after(() => stage.closeBrowser());
  await stage.openBrowser();
  return stage;
}
