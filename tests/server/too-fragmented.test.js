// @ts-check
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { UNIT } from "../support/bytes.js";
import { memoryDir } from "../support/memory-dir.js";
import { assertProblem } from "../support/problem.js";
import { createUpload, openPut, putChunk, status, storeChunk, storeEverySecondUnit } from "../support/protocol.js";
import { startServer } from "../support/server.js";

const MOST = 10_000;
const SIZE = (2 * MOST + 2) * UNIT;
const unit = Buffer.alloc(UNIT);

const server = await startServer({ dataDir: memoryDir(SIZE) });
after(() => server.stop());

test("10,000 separate ranges are taken, one more only where it makes no new one", async () => {
  const upload = await createUpload(server, SIZE);
  await storeEverySecondUnit(upload, MOST);
  assert.equal((await status(upload)).json.received.length, MOST);

  assertProblem(await putChunk(upload, 2 * MOST * UNIT, unit), "too-fragmented");
  const filling = await openPut(upload, 3 * UNIT, unit, 1);
  await storeChunk(upload, UNIT, unit);
  assert.equal((await status(upload)).json.received.length, MOST - 1, "filling a gap joins two ranges");
  assert.equal((await filling.finish()).status, 204, "several gaps may be filled at a time");
  await storeChunk(upload, 2 * MOST * UNIT, unit);
});
