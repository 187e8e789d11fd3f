import { stripTypeScriptTypes } from 'node:module';
import type { Ending, Program } from '../messages.ts';

/** The author's text stands on lines of its own, one below where it stands in the form. */
const opening = '(async function (input) {\n';
const closing = '\n})';

/** Name of the author's text in QuickJS's stacks. */
export const sourceName = 'code';

export type Prepared =
  | { readonly ok: true; readonly source: string }
  /** `spent`: the parser of types broke down, so that this process cannot be trusted with another text. */
  | { readonly ok: false; readonly ending: Ending; readonly spent: boolean };

/** The author's text as an expression that gives an async function. Types are replaced by blanks, so places stay. */
export const prepareSource = ({ code, language }: Pick<Program, 'code' | 'language'>): Prepared => {
  const source = `${opening}${code}${closing}`;
  if (language === 'javascript') return { ok: true, source };
  try {
    return { ok: true, source: stripTypeScriptTypes(source) };
  } catch (error) {
    const known = error instanceof Error && 'code' in error && typeScriptErrors.includes(String(error.code));
    if (!known) {
      return { ok: false, spent: true, ending: invalid('TypeScript cannot be read: it is nested too deep.', null) };
    }
    const place = placeOf(error.stack ?? '');
    return { ok: false, spent: false, ending: invalid(error.message, place) };
  }
};

const typeScriptErrors = ['ERR_INVALID_TYPESCRIPT_SYNTAX', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX'];

interface Place {
  readonly line: number;
  readonly column: number;
}

const invalid = (message: string, place: Place | null): Ending => ({
  ok: false,
  failure: 'code_invalid',
  message,
  line: place?.line ?? null,
  column: place?.column ?? null,
});

/** Node writes `:3`, the line's text, and a caret below the column. */
const placeOf = (stack: string): Place | null => {
  const match = /^[^\n]*?:(\d+)\n[^]*?\n( *)\^/.exec(stack);
  return match ? { line: Number(match[1]) - 1, column: (match[2] ?? '').length + 1 } : null;
};

/** The first place in a QuickJS stack that lies in the author's text. */
export const findPlace = (stack: string, code: string): Place | null => {
  const match = new RegExp(`\\b${sourceName}:(\\d{1,7}):(\\d{1,7})\\b`).exec(stack);
  if (!match) return null;
  const line = Number(match[1]) - 1;
  const lines = code.split('\n').length;
  // Where the text ends too early, the error stands behind its end.
  return line < 1 || line > lines + 1 ? null : { line: Math.min(line, lines), column: Number(match[2]) };
};
