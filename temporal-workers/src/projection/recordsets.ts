/** Characters of one text. Postgres takes some two hundred million as one value, and one row may have a megabyte. */
const longest = 16_000_000;

/**
 * Rows as texts for `jsonb_to_recordset`, so that one statement takes any number of them; none for no rows. Nearly always
 * one text: only rows with much in them need more.
 */
export const toRecordsets = (rows: readonly object[]): string[] => {
  const texts: string[] = [];
  let gathered: string[] = [];
  let length = 0;
  const close = () => {
    if (gathered.length > 0) texts.push(`[${gathered.join(',')}]`);
    gathered = [];
    length = 0;
  };
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (length + text.length > longest) close();
    gathered.push(text);
    length += text.length;
  }
  close();
  return texts;
};

/** Bytes as JSON can hold them. */
export const toBase64 = (bytes: Uint8Array | null | undefined): string | null =>
  bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') : null;
