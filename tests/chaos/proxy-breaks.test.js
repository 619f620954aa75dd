// @ts-check
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { behindProxy, bytes, sha256 } from "../support/behind-proxy.js";
import { MIB } from "../support/bytes.js";
import { answerCut, cutAfter } from "../support/faults.js";
import { until } from "../support/until.js";

/** How long nothing must happen on a connection that is half-open; for ever can't be waited for. */
const QUIET_MS = 300;

/**
 * How a connection has ended. Node hides an RST behind an end where it has just read something; a write then still tells.
 * @param {Awaited<ReturnType<typeof import("../support/raw-connection.js").rawConnection>>} connection
 */
async function endOf(connection) {
  try {
    await connection.readToEnd();
    await connection.send("x");
    return "FIN";
  } catch (error) {
    assert.match(String(error), /ECONNRESET|EPIPE/);
    return "RST";
  }
}

test("a connection is reset in the middle of the body", async (t) => {
  const { proxy, upstream, openPut } = await behindProxy(t);
  proxy.rule = () => ({ ...cutAfter(MIB / 2, "reset"), kind: "reset" });
  const connection = await openPut();
  // More than that may find the connection gone.
  await connection.send(bytes.subarray(0, MIB / 2));
  assert.equal(await endOf(connection), "RST");
  assert.equal(connection.received(), "");
  await until("the server heard of it", () => upstream.open === 0);
  assert.deepEqual([upstream.digests, proxy.wire.puts[0].status, proxy.injected.get("reset")], [[], null, 1]);
});

test("a connection is reset before the answer, which the server gave", async (t) => {
  const { proxy, upstream, openPut } = await behindProxy(t);
  proxy.rule = () => ({ dropAnswer: true, how: "reset" });
  const connection = await openPut();
  await connection.send(bytes);
  assert.equal(await endOf(connection), "RST");
  assert.equal(connection.received(), "");
  assert.deepEqual(upstream.digests, [sha256]);
});

test("a connection is reset within an answer", async (t) => {
  const { proxy, rawStatus } = await behindProxy(t);
  proxy.rule = () => answerCut(5, "reset");
  const connection = await rawStatus();
  assert.equal(await endOf(connection), "RST");
  assert.match(connection.received(), /^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\n\{"id"$/);
  assert.equal(proxy.wire.exchanges[0].deliveredAt, null);
});

test("an answer without a body breaks off in its head", async (t) => {
  const { proxy, openPut } = await behindProxy(t);
  proxy.rule = () => answerCut(5, "reset");
  const connection = await openPut();
  await connection.send(bytes);
  assert.equal(await endOf(connection), "RST");
  assert.match(connection.received(), /^HTTP\/1.1 204 No Content\r\n/);
  assert.doesNotMatch(connection.received(), /\r\n\r\n/);
});

test("an answer is shorter than its Content-Length, by one byte or nearly all, and ends as if all were well", async (t) => {
  const { proxy, rawStatus, status } = await behindProxy(t);
  for (const [bytes, length] of [[0, 0], [10_000, `{"id":"u","received":[]}`.length - 1]]) {
    proxy.rule = () => answerCut(bytes);
    const connection = await rawStatus();
    assert.equal(await endOf(connection), "FIN");
    const [, body] = connection.received().split("\r\n\r\n");
    assert.equal(body.length, length);
    await assert.rejects(status(), { code: "ECONNRESET" });
  }
});

test("half a JSON comes as a whole answer", async (t) => {
  const { proxy, upstream, rawStatus } = await behindProxy(t);
  upstream.received = [[0, MIB]];
  proxy.rule = () => ({ shorten: 12, kind: "half" });
  const { received } = await rawStatus();
  await until("the answer", () => proxy.wire.exchanges[0]?.deliveredAt && received().endsWith("r"));
  assert.match(received(), /\r\ncontent-length: 12\r\n[^]*\r\n\r\n\{"id":"u","r$/);
  assert.equal(proxy.wire.confirmedBytes(), 0, "nobody can have seen what it says");
  assert.equal(proxy.injected.get("half"), 1);
});

test("a connection is half-open from the middle of a body on: nothing passes, and neither end is told", async (t) => {
  const { proxy, upstream, openPut } = await behindProxy(t);
  proxy.rule = () => cutAfter(MIB / 2, "freeze");
  const connection = await openPut();
  await connection.send(bytes);
  await until("half of the body", () => proxy.wire.puts[0]?.bodyBytes >= MIB / 2);
  await sleep(QUIET_MS);
  assert.equal(connection.received(), "");
  assert.equal(connection.socket.readableEnded || connection.socket.destroyed, false);
  connection.close();
  await sleep(QUIET_MS);
  assert.deepEqual([upstream.open, upstream.digests], [1, []], "the server does not learn that the browser has gone");
});

test("a connection is half-open before the answer, which the server gave", async (t) => {
  const { proxy, upstream, openPut } = await behindProxy(t);
  proxy.rule = () => ({ dropAnswer: true, how: "freeze" });
  const connection = await openPut();
  await connection.send(bytes);
  await until("the chunk is stored", () => upstream.digests.length === 1);
  await sleep(QUIET_MS);
  assert.deepEqual([connection.received(), connection.socket.readableEnded], ["", false]);
  assert.equal(proxy.wire.confirmedBytes(), 0);
});

test("all present connections become half-open, used or not, and new ones work", async (t) => {
  const { proxy, upstream, openPut, status } = await behindProxy(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  await status(agent);
  const connection = await openPut();
  await until("the PUT has begun", () => proxy.wire.puts.length === 1);
  assert.equal(proxy.freezeConnections(), 1);

  await connection.send(bytes);
  const onOldConnection = status(agent);
  onOldConnection.catch(() => {});
  assert.equal((await status()).status, 200);
  assert.equal(await Promise.race([onOldConnection, sleep(QUIET_MS, "silence")]), "silence");
  assert.deepEqual([connection.received(), upstream.digests], ["", []]);
});

test("a half-open connection is reset when TCP gives up", async (t) => {
  const { proxy, rawStatus } = await behindProxy(t);
  proxy.giveUpMs = 100;
  proxy.isSilent = true;
  assert.equal(await endOf(await rawStatus()), "RST");
});

test("connections are accepted and never answered", async (t) => {
  const { proxy, upstream, rawStatus, status } = await behindProxy(t);
  proxy.isSilent = true;
  const connection = await rawStatus();
  await until("the request is there", () => proxy.wire.exchanges.length === 1);
  proxy.isSilent = false;
  assert.equal((await status()).status, 200);
  await sleep(QUIET_MS);
  assert.deepEqual([connection.received(), connection.socket.readableEnded, upstream.cameAt.length], ["", false, 1]);
});

test("all connections with a request on them are reset, others are not", async (t) => {
  const { proxy, openPut, status } = await behindProxy(t);
  const agent = new Agent({ keepAlive: true });
  t.after(() => agent.destroy());
  const { clientPort } = await status(agent);
  const connection = await openPut();
  await until("the PUT has begun", () => proxy.wire.puts.length === 1);
  assert.equal(proxy.resetConnections(), 1);
  assert.equal(await endOf(connection), "RST");
  assert.equal((await status(agent)).clientPort, clientPort);
});

test("a fault that has not happened is not counted", async (t) => {
  const { proxy, put } = await behindProxy(t);
  proxy.rule = () => ({ ...cutAfter(MIB + 1), shorten: 1, kind: "never" });
  assert.equal((await put(0)).status, 204);
  assert.equal(proxy.injected.size, 0);
});
