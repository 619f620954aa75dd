// @ts-check
import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { UNIT, sha256Hex } from "./bytes.js";
import { chunks, complete, create, putChunk, status } from "./protocol.js";
import { storedFiles } from "./stored-files.js";

/**
 * One upload as its client knows it: which bytes it sends, and what the server has confirmed of it. After a crash
 * `check` compares that with what the server says and with what is on disk.
 */
export class UploadModel {
  /**
   * @param {{url: string, dataDir: string}} server
   * @param {Buffer} bytes
   * @param {string} key
   */
  constructor(server, bytes, key) {
    this.server = server;
    this.bytes = bytes;
    this.key = key;
    this.digest = sha256Hex(bytes);
    /** @type {import("./protocol.js").Upload | null} null until its creation was confirmed */
    this.upload = null;
    /** Per unit of the file: whether a 204 for it was seen. */
    this.confirmed = new Uint8Array(Math.ceil(bytes.length / UNIT));
    /** Per unit: whether a PUT of it is on its way, or was and got no answer. */
    this.sent = new Uint8Array(this.confirmed.length);
    this.isComplete = false;
  }

  /** Creates it, as often as it takes: the key makes it one upload. */
  async create() {
    const answer = await create(this.server, { size: this.bytes.length, name: this.key }, { "idempotency-key": `"${this.key}"` });
    assert.ok(answer.status === 201 || answer.status === 200, answer.body.toString());
    if (this.upload) assert.equal(answer.json.id, this.upload.id, "one key made two uploads");
    this.upload ??= { url: this.server.url + answer.headers.location, size: this.bytes.length, id: answer.json.id };
  }

  /**
   * Sends a chunk of up to 8 units that are not on their way; false when there is none.
   * @param {(below: number) => number} random
   */
  async sendSome(random) {
    const free = [...this.sent.keys()].filter((unit) => !this.sent[unit]);
    if (!this.upload || free.length === 0) return false;
    const first = free[random(free.length)];
    let end = first + 1;
    for (const most = first + 1 + random(8); end < most && this.sent[end] === 0; ) end++;
    this.sent.fill(1, first, end);
    const answer = await putChunk(this.upload, first * UNIT, this.bytes.subarray(first * UNIT, end * UNIT));
    assert.equal(answer.status, 204, answer.body.toString());
    this.confirmed.fill(1, first, end);
    return true;
  }

  async complete() {
    if (!this.upload) return;
    const answer = await complete(this.upload, { digest: { "sha-256": this.digest } });
    assert.ok(answer.status === 200 || answer.status === 202, answer.body.toString());
    this.isComplete ||= answer.status === 200;
  }

  /** After a restart: nothing that was confirmed is missing, and what the server calls received is right, on disk too. */
  async check() {
    if (!this.upload) return;
    const answer = await status(this.upload);
    assert.equal(answer.status, 200, "a confirmed upload is lost");
    const { state, received, digest, size } = answer.json;
    assert.equal(size, this.bytes.length);
    assert.ok(!this.isComplete || state === "complete", `a confirmed completion is ${state}`);
    if (state === "complete") assert.equal(digest["sha-256"], this.digest);

    const stored = new Uint8Array(this.confirmed.length);
    for (const [start, end] of received) stored.fill(1, start / UNIT, Math.ceil(end / UNIT));
    for (const unit of stored.keys()) assert.ok(stored[unit] || !this.confirmed[unit], `unit ${unit} was confirmed and is missing`);
    this.sent = stored.slice();
    this.confirmed = stored;
    this.#checkDisk(received);
    await this.#checkDigests(received);
  }

  /** @param {[number, number][]} received */
  #checkDisk(received) {
    const paths = storedFiles(this.server, /** @type {{id: string}} */ (this.upload));
    assert.equal(paths.length, 1, `stored as ${paths}`);
    const file = openSync(paths[0], "r");
    for (const [start, end] of received) {
      const found = Buffer.alloc(end - start);
      assert.equal(readSync(file, found, 0, found.length, start), found.length);
      assert.ok(found.equals(this.bytes.subarray(start, end)), `[${start}, ${end}) is called received and is wrong on disk`);
    }
    closeSync(file);
  }

  /** @param {[number, number][]} received */
  async #checkDigests(received) {
    const { json } = await chunks(/** @type {import("./protocol.js").Upload} */ (this.upload));
    let covered = 0;
    for (const { start, end, sha256 } of json.chunks) {
      assert.equal(sha256, sha256Hex(this.bytes.subarray(start, end)), `the digest of [${start}, ${end})`);
      covered += end - start;
    }
    assert.equal(covered, received.reduce((sum, [start, end]) => sum + end - start, 0), "chunks and ranges disagree");
  }
}
