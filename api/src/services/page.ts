import { problem } from '../problems.ts';

export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

/** Lists are read with one row more than asked for: if it comes, there is a next page. */
export const toPage = <Row extends { readonly id: string | number }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> => {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(toItem), nextCursor: rows.length > limit && last ? encode(String(last.id)) : null };
};

/** The same for rows without an id, which are counted: `from` stood in the cursor. */
export const toNumberedPage = <Row>(
  rows: readonly Row[],
  { from, limit }: { readonly from: number; readonly limit: number },
): Page<Row> => ({
  items: rows.slice(0, limit),
  nextCursor: rows.length > limit ? encode(String(from + limit)) : null,
});

const encode = (id: string): string => Buffer.from(id, 'utf8').toString('base64url');

/** The id that the page before ended with, or null for the first page. */
export const idOfCursor = (cursor: string | undefined): string | null => readCursor(cursor, /^[a-z0-9_]{1,80}$/);

/** The same for rows that are counted, up to the largest number their column holds. */
export const numberOfCursor = (cursor: string | undefined, largest = Number.MAX_SAFE_INTEGER): number | null => {
  const number = readCursor(cursor, /^\d{1,15}$/);
  return number === null ? null : Math.min(Number(number), largest);
};

const readCursor = (cursor: string | undefined, shape: RegExp): string | null => {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (shape.test(text)) return text;
  throw problem('invalid_request', 'Correct cursor.', {
    errors: [{ path: 'cursor', message: 'Take the nextCursor of the page before, or leave it out.' }],
  });
};
