// @ts-check
import { Transform } from "node:stream";

/** What is on its way when nothing else is said: as much as a kernel's buffers take. */
const WINDOW = 4 * 1024 * 1024;

/** The longest part that a socket of Node's gives. */
const PART = 64 * 1024;

/**
 * One direction of the way between browser and server: how late bytes arrive, and how many at a time. All of it may be
 * changed at any moment, also for what is under way.
 */
export class Line {
  /** Each byte arrives so much later than it would. */
  latencyMs = 0;

  /** For all bodies together. */
  bytesPerSecond = Infinity;

  /** For each body alone. */
  bytesPerSecondEach = Infinity;

  /**
   * What a connection may have on its way without an acknowledgement, which takes the latency of the other direction: so a
   * body moves at window / round trip. One part (64 KiB) may always be on its way.
   */
  windowBytes = WINDOW;

  #pace = new Pace();

  /** Delays nothing any more. */
  reset() {
    Object.assign(this, { latencyMs: 0, bytesPerSecond: Infinity, bytesPerSecondEach: Infinity, windowBytes: WINDOW });
  }

  /**
   * A body on this line, as a stream to put it through.
   * @param {object} options
   * @param {() => number} options.backMs the latency of the way back, now
   * @param {(part: Buffer) => boolean} options.onPart sees each part as it comes; with false nothing goes on from there
   * @param {() => boolean} options.isDead asked before anything arrives: once true, nothing does any more
   */
  body({ backMs, onPart, isDead }) {
    const own = new Pace();
    const arrivals = new Arrivals();
    let onItsWay = 0;
    let isEmpty = true;
    let goOn = () => {};
    const stream = new Transform({
      transform: (part, _encoding, done) => {
        if (!onPart(part)) return;
        const leavesInMs = Math.max(this.#pace.waitMs(part.length, this.bytesPerSecond), own.waitMs(part.length, this.bytesPerSecondEach));
        let left = false;
        onItsWay += part.length;
        isEmpty = false;
        goOn = () => {
          if (!left || (onItsWay > 0 && onItsWay + PART > this.windowBytes)) return;
          goOn = () => {};
          done();
        };
        arrivals.add(leavesInMs + this.latencyMs, () => {
          if (isDead() || stream.destroyed) return;
          stream.push(part);
          after(backMs(), () => {
            onItsWay -= part.length;
            goOn();
          });
        });
        after(leavesInMs, () => {
          left = true;
          goOn();
        });
      },
      // The end comes with the last byte; where there is none it is what is late.
      flush: (done) => arrivals.add(isEmpty ? this.latencyMs : 0, () => isDead() || done()),
    });
    return stream;
  }
}

/** Things that happen later, in the order in which they were added. */
class Arrivals {
  /** @type {(() => void)[]} */
  #queue = [];
  #last = 0;

  /**
   * @param {number} ms
   * @param {() => void} arrive
   */
  add(ms, arrive) {
    const now = performance.now();
    // What left later does not arrive sooner, though the latency may have been lowered in between.
    this.#last = Math.max(this.#last, now + ms);
    this.#queue.push(arrive);
    // Timers are coarse, and may end in another order than they should.
    after(this.#last - now, () => this.#queue.shift()?.());
  }
}

/** Lets bytes pass one after the other, at a speed. */
class Pace {
  #nextFreeAt = 0;

  /**
   * @param {number} bytes
   * @param {number} bytesPerSecond
   */
  waitMs(bytes, bytesPerSecond) {
    if (bytesPerSecond === Infinity) return 0;
    const now = performance.now();
    this.#nextFreeAt = Math.max(this.#nextFreeAt, now) + (bytes / bytesPerSecond) * 1000;
    return this.#nextFreeAt - now;
  }
}

/**
 * @param {number} ms
 * @param {() => void} work
 */
function after(ms, work) {
  if (ms < 1) work();
  else setTimeout(work, ms);
}
