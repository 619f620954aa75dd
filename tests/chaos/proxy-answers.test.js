// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { behindProxy, bytes, sha256 } from "../support/behind-proxy.js";
import { MIB } from "../support/bytes.js";
import { answersHtml, bodyLimit, putFaults, tokenRequired } from "../support/faults.js";
import { request } from "../support/protocol.js";
import { until } from "../support/until.js";

for (const status of [408, 425, 429, 502, 503, 504]) {
  test(`${status} with a page in HTML, with Retry-After and without`, async (t) => {
    const { proxy, upstream, put } = await behindProxy(t);
    proxy.rule = putFaults({ 1: answersHtml(status), 2: answersHtml(status, { "retry-after": "3" }) });
    const [first, second, third] = [await put(0), await put(0), await put(0)];
    assert.deepEqual([first.status, second.status, third.status], [status, status, 204]);
    assert.deepEqual([first.headers["retry-after"], second.headers["retry-after"]], [undefined, "3"]);
    assert.match(first.body.toString(), /<h1>/);
    assert.deepEqual(upstream.digests, [sha256], "the others never reached the server");
  });
}

test("a captive portal answers everything with 200 and a page, for a while", async (t) => {
  const { proxy, upstream, put, status, create } = await behindProxy(t);
  proxy.rule = () => ({ ...answersHtml(200), kind: "portal" });
  for (const answer of [await put(0), await status(), await create()]) {
    assert.deepEqual([answer.status, answer.headers["content-type"], answer.json], [200, "text/html", undefined]);
  }
  assert.deepEqual([upstream.cameAt, proxy.injected.get("portal")], [[], 3]);
  proxy.rule = () => undefined;
  assert.equal((await put(0)).status, 204);
  assert.deepEqual(proxy.violations(), [], "what the portal took was not confirmed");
});

test("a body above the limit is refused before it was sent, without CORS headers, and the connection closed", async (t) => {
  const { proxy, upstream, openPut, put } = await behindProxy(t);
  proxy.rule = bodyLimit(MIB - 1);
  const connection = await openPut();
  await until("the 413", () => connection.received().includes("</p>"));
  assert.match(connection.received(), /^HTTP\/1.1 413 Payload Too Large\r\n/);
  assert.match(connection.received(), /\r\nconnection: close\r\n/);
  assert.doesNotMatch(connection.received(), /access-control/i);
  // A client that goes on sending is not answered with a reset, which could cost it the 413.
  await connection.send(bytes);
  await connection.readToEnd();
  assert.deepEqual(upstream.cameAt, []);
  assert.equal((await put(0, { body: bytes.subarray(1) })).status, 204);
});

test("a token that has expired is refused until it is renewed", async (t) => {
  const { proxy } = await behindProxy(t);
  proxy.rule = tokenRequired("new");
  const answers = await Promise.all(
    [undefined, "Bearer old", "Bearer new"].map((authorization) => request(`${proxy.url}/uploads/u`, { headers: { authorization } })),
  );
  assert.deepEqual(answers.map(({ status }) => status), [401, 401, 200]);
  assert.equal((await request(`${proxy.url}/uploads/u`, { method: "OPTIONS" })).status, 200, "browsers send none with a preflight");
});

test("a request reaches the server twice at once, and is answered once", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.rule = () => ({ twice: true, kind: "twice" });
  assert.equal((await put(0)).status, 204);
  await until("both copies", () => upstream.digests.length === 2);
  assert.deepEqual(upstream.digests, [sha256, sha256]);
  assert.deepEqual([proxy.wire.puts.length, proxy.injected.get("twice")], [1, 1]);
  assert.deepEqual(proxy.violations(), [], "it is not the client that has sent it again");
});

test("a request without a body reaches the server twice", async (t) => {
  const { proxy, upstream, status } = await behindProxy(t);
  proxy.rule = () => ({ twice: true });
  assert.equal((await status()).status, 200);
  await until("both copies", () => upstream.cameAt.length === 2);
});

test("a copy of a request comes late, when the client has its answer", async (t) => {
  const { proxy, upstream, put } = await behindProxy(t);
  proxy.rule = () => ({ againMs: 200 });
  assert.equal((await put(0)).status, 204);
  assert.equal(upstream.digests.length, 1);
  await until("the copy", () => upstream.digests.length === 2);
  assert.deepEqual(upstream.digests, [sha256, sha256]);
  assert.deepEqual(proxy.violations(), []);
});

test("a late copy that finds no server harms nothing", async (t) => {
  const { proxy, put, status } = await behindProxy(t);
  const { target } = proxy;
  proxy.rule = putFaults({ 1: { againMs: 50, kind: "again" } });
  await put(0);
  proxy.target = 1;
  await until("the copy", () => proxy.injected.get("again"));
  await sleep(50);
  proxy.target = target;
  assert.equal((await status()).status, 200);
});
