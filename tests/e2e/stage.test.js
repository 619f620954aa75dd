// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";
import { testWith } from "../support/engine-lacks.js";
import { openStage } from "../support/stage.js";
import { until } from "../support/until.js";

// What the other tests stand on: that the tabs, and the network, of the browser under test do what the stage says.

const FETCH = "return fetch('/healthz', { cache: 'no-store' }).then(({ status }) => status, (error) => error.name)";
const WATCH = "window.seen = []; for (const type of ['offline', 'online']) addEventListener(type, () => seen.push(type))";

test("without a network all pages are told so, and nothing reaches the server until it is back", async (t) => {
  const stage = await openStage(t);
  const pages = [stage.page, await stage.openTab()];
  for (const page of pages) await page.execute(WATCH);

  await stage.goOffline();
  for (const page of pages) {
    await until("the page is told", async () => (await page.execute("return seen")).includes("offline"));
    assert.equal(await page.execute("return navigator.onLine"), false);
    assert.equal(await page.execute(FETCH), "TypeError");
  }

  await stage.goOnline();
  for (const page of pages) {
    await until("the page is told", async () => (await page.execute("return seen")).includes("online"));
    assert.equal(await page.execute("return navigator.onLine"), true);
    assert.equal(await page.execute(FETCH), 200);
    assert.deepEqual(await page.execute("return seen"), ["offline", "online"]);
  }
});

test("two tabs have one profile, are both visible, and each has calls of its own under way", async (t) => {
  const stage = await openStage(t);
  const first = stage.page;
  const second = await stage.openTab();
  assert.equal(stage.page, second);
  await first.execute("localStorage.setItem('key', 'value')");
  await until("the same storage in both", async () => (await second.execute("return localStorage.getItem('key')")) === "value");
  for (const page of [first, second]) assert.equal(await page.execute("return document.visibilityState"), "visible");

  const GREETING = "const channel = new BroadcastChannel('greeting');";
  await first.execute(`${GREETING} channel.onmessage = ({ data }) => { window.greeting = data }`);
  await second.execute(`${GREETING} channel.postMessage('hello')`);
  await until("a message from tab to tab", async () => (await first.execute("return window.greeting")) === "hello");

  await stage.closeTab(second);
  assert.equal(stage.page, first);
  assert.equal(await first.execute("return localStorage.getItem('key')"), "value");
});

test("a tab of the same window hides the other", async (t) => {
  const stage = await openStage(t);
  const first = stage.page;
  await first.execute("window.shown = []; addEventListener('visibilitychange', () => shown.push(document.visibilityState))");
  const second = await stage.openTab("tab");
  assert.equal(await second.execute("return document.visibilityState"), "visible");
  await until("the first one was hidden", async () => (await first.execute("return shown")).includes("hidden"));
});

testWith("killedTab", "the process of one tab is killed, and the other goes on", async (t) => {
  const stage = await openStage(t);
  const first = stage.page;
  const second = await stage.openTab();
  for (const page of [first, second]) await page.execute("navigator.locks.request(document.title, () => new Promise(() => {}))");
  const held = async () => (await first.execute("return navigator.locks.query()")).held.length;
  const waiting = async () => (await first.execute("return navigator.locks.query()")).pending.length;
  assert.deepEqual([await held(), await waiting()], [1, 1]);
  await stage.killTab(second);
  await until("its lock is no longer waited for", async () => (await waiting()) === 0);
  assert.equal(await held(), 1);
  assert.deepEqual(await first.problems(), []);
});
