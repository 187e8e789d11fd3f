interface Bounds {
  /** Items of one part. */
  readonly items?: number;
  readonly bytes: number;
}

/** Cuts a list where the next item would make a part too long or too large; one that is too large alone is a part. */
export const pack = <Item>(
  all: Iterable<Item>,
  bytesOf: (item: Item) => number,
  { items: most = Number.POSITIVE_INFINITY, bytes: mostBytes }: Bounds,
): Item[][] => {
  const parts: { items: Item[]; bytes: number }[] = [];
  for (const item of all) {
    const bytes = bytesOf(item);
    const last = parts.at(-1);
    if (last && last.items.length < most && last.bytes + bytes <= mostBytes) {
      last.items.push(item);
      last.bytes += bytes;
    } else parts.push({ items: [item], bytes });
  }
  return parts.map(({ items }) => items);
};
