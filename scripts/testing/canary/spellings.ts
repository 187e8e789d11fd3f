/** The encodings in which a text can stand somewhere without being seen at a glance. */
export const encodings = [
  'plain',
  'base64, first offset',
  'base64, second offset',
  'base64, third offset',
  'hex',
  'URL',
  'JSON',
  'HTML',
  'reversed',
] as const;
export type Encoding = (typeof encodings)[number];

export interface Spelling {
  readonly encoding: Encoding;
  readonly text: string;
}

/** Shorter pieces would be found by chance. */
const shortest = 12;

/**
 * The letters of a text inside the base64 of anything that holds it: those at the edges also depend on what stands
 * beside it, so they are left away.
 */
const base64At = (bytes: Buffer, offset: number): string => {
  const text = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replaceAll('=', '');
  const first = offset === 0 ? 0 : offset + 1;
  const whole = Math.floor(((offset + bytes.length) * 8) / 6);
  return text.slice(first, whole);
};

const ofEach = (text: string, spell: (code: number) => string): string =>
  Array.from({ length: text.length }, (_, index) => spell(text.charCodeAt(index))).join('');

const named: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot', "'": '#39' };

/** Every spelling of this text that a scan looks for. Of a long text, pieces of it reversed count as well. */
export const spellingsOf = (text: string): readonly Spelling[] => {
  if (text.length < shortest) throw new Error(`A canary has at least ${shortest} letters, or it is found by chance.`);
  const bytes = Buffer.from(text);
  const hex = bytes.toString('hex');
  const urlSafe = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');
  const offsets = ['base64, first offset', 'base64, second offset', 'base64, third offset'] as const;
  const percent = (digits: string): string => digits.replaceAll(/../g, '%$&');
  const reversed = Array.from(text).toReversed().join('');
  const found: Spelling[] = [
    { encoding: 'plain', text },
    ...offsets.flatMap((encoding, offset) => {
      const base64 = base64At(bytes, offset);
      return [base64, urlSafe(base64)].map((each) => ({ encoding, text: each }));
    }),
    { encoding: 'hex', text: hex },
    { encoding: 'hex', text: hex.toUpperCase() },
    { encoding: 'URL', text: encodeURIComponent(text) },
    { encoding: 'URL', text: percent(hex) },
    { encoding: 'URL', text: percent(hex.toUpperCase()) },
    { encoding: 'JSON', text: JSON.stringify(text).slice(1, -1) },
    // Once more, as in a document that is kept as a text inside of another.
    { encoding: 'JSON', text: JSON.stringify(JSON.stringify(text)).slice(3, -3) },
    { encoding: 'JSON', text: ofEach(text, (code) => `\\u${code.toString(16).padStart(4, '0')}`) },
    { encoding: 'HTML', text: text.replaceAll(/[&<>"']/g, (letter) => `&${named[letter]};`) },
    { encoding: 'HTML', text: ofEach(text, (code) => `&#${code};`) },
    { encoding: 'HTML', text: ofEach(text, (code) => `&#x${code.toString(16)};`) },
    ...chunksOf(reversed).map((chunk) => ({ encoding: 'reversed' as const, text: chunk })),
  ];
  return [...new Map(found.map((spelling) => [spelling.text, spelling])).values()];
};

const chunksOf = (text: string): readonly string[] =>
  Array.from({ length: text.length - shortest + 1 }, (_, start) => text.slice(start, start + shortest));
