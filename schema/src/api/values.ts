import * as z from 'zod';

/** A moment in UTC as the API writes it: `2026-03-01T12:00:00.000Z`. */
export const momentSchema = z.iso.datetime({ offset: true });

/** Query parameters of every list: newest first, `cursor` from the previous page's `nextCursor`. */
export const pageQuery = {
  cursor: z.string().min(1).max(200).optional().meta({ description: 'The `nextCursor` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(100).default(25).meta({ description: 'Rows per page, 1 to 100.' }),
};

/** One page of a list. `nextCursor` is null on the last one. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** A query parameter that may be repeated: `status=running&status=waiting`. */
export const oneOrMany = <Value extends z.ZodType>(value: Value) =>
  z
    .union([value, z.array(value).max(50)])
    .transform((given): z.output<Value>[] => (Array.isArray(given) ? given : [given]));

/** A person or a key, as lists and the audit log name it. */
export const actorSchema = z.object({ id: z.string(), name: z.string() }).meta({ id: 'ActorName' });
