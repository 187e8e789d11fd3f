import type { Json } from '@everwave/schema/flow';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A command for a terminal that sends one event to a webhook. */
export const toCurl = (url: string, body: Json): string =>
  [`curl -X POST ${quote(url)}`, `  -H 'content-type: application/json'`, `  -d ${quote(JSON.stringify(body))}`].join(
    ' \\\n',
  );
