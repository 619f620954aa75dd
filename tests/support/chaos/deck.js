// @ts-check

/**
 * The items in an order by chance, each once before any comes again, without end; none where there are none.
 * @template T
 * @param {T[]} items
 * @param {(below: number) => number} random
 */
export function* deck(items, random) {
  while (items.length > 0) {
    const left = [...items];
    while (left.length > 0) yield left.splice(random(left.length), 1)[0];
  }
}
