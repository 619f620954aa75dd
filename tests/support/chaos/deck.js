// @ts-check

/**
 * The items in an order by chance, each once before any comes again, without end.
 * @template T
 * @param {T[]} items
 * @param {(below: number) => number} random
 */
export function* deck(items, random) {
  for (;;) {
    const left = [...items];
    while (left.length > 0) yield left.splice(random(left.length), 1)[0];
  }
}
