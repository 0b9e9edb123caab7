/**
 * Items in groups, in their order, each group as large as it may be. An item that is too large for any has one of its own.
 * @param most bytes of a group
 */
export function packed<Item>(items: readonly Item[], bytesOf: (item: Item) => number, most: number): Item[][] {
  const groups: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    if (bytes > room) {
      groups.push([]);
      room = most;
    }
    groups.at(-1)?.push(item);
    room -= bytes;
  }
  return groups;
}
