/** A piece of an authored string. `start` is the offset of the expression's text in that string. */
export type Segment =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'expression'; readonly source: string; readonly start: number };

export type ParsedText =
  | { readonly ok: true; readonly segments: readonly Segment[] }
  | { readonly ok: false; readonly message: string; readonly position: number };

/** True when a string holds an expression, well formed or not. */
export const hasExpression = (text: string): boolean => text.includes('{{');

const closers: { readonly [opener: string]: string } = { '(': ')', '[': ']', '{': '}' };
/** After one of these (or at the start) a slash begins a regular expression; elsewhere it divides. */
const beforeOperand = new Set('([{,;:?=<>!&|+-*/%^~.');

/** Offset behind the quote that ends the text or name opened at `start`, or -1. */
const skipQuoted = (text: string, start: number): number => {
  const quote = text[start];
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\' && quote !== '`') index += 1;
    else if (text[index] === quote) return index + 1;
  }
  return -1;
};

/** Offset behind the slash that ends the regular expression opened at `start`, or -1. */
const skipRegex = (text: string, start: number): number => {
  let depth = 0;
  for (let index = start + 1; index < text.length; index += 1) {
    const character = text[index] ?? '';
    if (character === '\\') index += 1;
    else if (character in closers) depth += 1;
    else if (')]}'.includes(character)) depth -= 1;
    else if (character === '/' && depth === 0) return index + 1;
  }
  return -1;
};

/** Offset of the `}}` that ends the expression begun at `start`. Braces inside texts and objects do not count. */
const findEnd = (text: string, start: number): number => {
  const open: string[] = [];
  let previous = '';
  let index = start;
  while (index < text.length) {
    const character = text[index] ?? '';
    let next = index + 1;
    if (character === '"' || character === "'" || character === '`') next = skipQuoted(text, index);
    else if (text.startsWith('/*', index)) {
      const end = text.indexOf('*/', index + 2);
      next = end === -1 ? -1 : end + 2;
    } else if (character === '/' && (previous === '' || beforeOperand.has(previous))) next = skipRegex(text, index);
    else if (character in closers) open.push(closers[character] ?? '');
    else if (character === '}' && open.length === 0) return text[index + 1] === '}' ? index : -1;
    else if (character === open.at(-1)) open.pop();
    if (next === -1) return -1;
    if (character.trim() !== '' && !text.startsWith('/*', index)) previous = character;
    index = next;
  }
  return -1;
};

/** Splits an authored string into plain text and the expressions between `{{` and `}}`. */
export const parseTemplate = (text: string): ParsedText => {
  const segments: Segment[] = [];
  let position = 0;
  while (position < text.length) {
    const opening = text.indexOf('{{', position);
    if (opening === -1) break;
    if (opening > position) segments.push({ type: 'text', text: text.slice(position, opening) });
    const start = opening + 2;
    const end = findEnd(text, start);
    if (end === -1) {
      return { ok: false, position: opening, message: 'The expression that starts here with {{ is not closed by }}.' };
    }
    segments.push({ type: 'expression', source: text.slice(start, end), start });
    position = end + 2;
  }
  if (position < text.length) segments.push({ type: 'text', text: text.slice(position) });
  return { ok: true, segments };
};
