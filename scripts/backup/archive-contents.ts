import * as z from 'zod';

/** One table as COPY's text format. */
const tableSchema = z.strictObject({
  kind: z.literal('table'),
  name: z.string(),
  columns: z.array(z.string()).min(1),
});

/** A file of the data folder. */
const fileSchema = z.strictObject({ kind: z.literal('file'), name: z.enum(['temporal.db', 'cli.json']) });

export const entrySchema = z.discriminatedUnion('kind', [tableSchema, fileSchema]);
export type Entry = z.infer<typeof entrySchema>;
export type TableEntry = z.infer<typeof tableSchema>;

/** The first thing under the seal: what a restore must know before it writes anything. */
export const contentsSchema = z.strictObject({
  /** Which migrations the database had, oldest first. */
  migrations: z.array(z.strictObject({ hash: z.string(), createdAt: z.number() })).min(1),
  /** Ids of the master keys that wrap its data keys. */
  masterKeyIds: z.array(z.string()),
  /** Base64, as EVERWAVE_SECRET_KEY wants it: the current key first. Empty when the keys are not inside. */
  secretKeys: z.array(z.string()),
  entries: z.array(entrySchema),
});
export type Contents = z.infer<typeof contentsSchema>;

/** Closes an entry. */
export const closingSchema = z.strictObject({
  bytes: z.int().min(0),
  sha256: z.string(),
  /** Lines: the rows of a table. */
  lines: z.int().min(0),
});
export type Closing = z.infer<typeof closingSchema>;

/** The last thing in the file: without it, it was not written to its end. */
export const manifestSchema = z.strictObject({
  entries: z.array(z.strictObject({ name: z.string(), ...closingSchema.shape })),
});
