// What one stream carries when many want more than it can. Pure.

/**
 * The first wish of each list, then the second of each, each wish once, until it is enough: nobody
 * gets nothing.
 * @template T @param {T[][]} lists what each wants, most wanted first @param {number} most
 * @returns {T[]}
 */
export function shares(lists, most) {
  /** @type {Set<T>} */
  const found = new Set();
  const longest = Math.max(0, ...lists.map((list) => list.length));
  for (let at = 0; at < longest; at += 1) {
    for (const list of lists) {
      if (found.size === most) return [...found];
      if (at < list.length) found.add(list[at]);
    }
  }
  return [...found];
}
