// @ts-check

/** @typedef {readonly [start: number, end: number]} Range half-open, as in the protocol's JSON */

/** A set of byte offsets as sorted ranges, joined where they touch. */
export class RangeSet {
  /** @type {Range[]} */
  #ranges = [];

  /** @param {Iterable<Range>} [ranges] */
  constructor(ranges = []) {
    for (const range of ranges) this.add(range);
  }

  /** @returns {Range[]} */
  get ranges() {
    return this.#ranges;
  }

  get bytes() {
    return this.#ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  }

  /** @param {Range} range */
  add([start, end]) {
    if (start >= end) return;
    const apart = [];
    for (const [from, to] of this.#ranges) {
      if (to < start || from > end) apart.push(/** @type {Range} */ ([from, to]));
      else [start, end] = [Math.min(start, from), Math.max(end, to)];
    }
    this.#ranges = [...apart, /** @type {Range} */ ([start, end])].sort(([a], [b]) => a - b);
  }

  /**
   * What of a range is in this set.
   * @param {Range} range
   */
  intersection([start, end]) {
    const common = this.#ranges.map(([from, to]) => /** @type {Range} */ ([Math.max(from, start), Math.min(to, end)]));
    return new RangeSet(common);
  }

  /**
   * What both sets have.
   * @param {RangeSet} other
   */
  common(other) {
    return new RangeSet(other.ranges.flatMap((range) => this.intersection(range).ranges));
  }

  /**
   * What this set has and the other has not.
   * @param {RangeSet} other
   */
  minus(other) {
    /** @type {Range[]} */
    const left = [];
    for (const [start, end] of this.#ranges) {
      let at = start;
      for (const [from, to] of other.intersection([start, end]).ranges) {
        left.push([at, from]);
        at = to;
      }
      left.push([at, end]);
    }
    return new RangeSet(left);
  }
}
