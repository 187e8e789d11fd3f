import type { Json } from '@everwave/schema/flow';

export type ParsedJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly message: string; readonly line: number | null };

/** Where in the text a parser stopped; engines say it as a position or as a line. */
const lineOf = (text: string, message: string): number | null => {
  const line = /line (\d+)/.exec(message)?.[1];
  if (line) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  if (position) return text.slice(0, Number(position)).split('\n').length;
  return /end of JSON/i.test(message) ? text.split('\n').length : null;
};

/** What a person typed as JSON, or what is wrong with it and in which line. Empty text is refused: write `null` for nothing. */
export const parseJson = (text: string): ParsedJson => {
  if (text.trim() === '') return { ok: false, message: 'Write a JSON value; null stands for nothing.', line: null };
  try {
    return { ok: true, value: JSON.parse(text) as Json };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = lineOf(text, message);
    const reason = message
      .replace(/^JSON\.parse: /, '')
      .replace(/,? ?(\.\.\.)?".*" is not valid JSON$/s, '')
      .replace(/ in JSON at position.*$/, '');
    return { ok: false, message: line === null ? reason : `Line ${line}: ${reason}`, line };
  }
};
