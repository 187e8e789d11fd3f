import type { Json } from '@everwave/schema/flow';

const mark = '[secret]';
/** Shorter values are words of the language: removing them would garble a message and hide nothing. */
const shortestInText = 4;
/** In an output a short match is more likely to be somebody's data than the secret. */
const shortestInOutput = 8;

/** Removes the exact values of an attempt's secrets, and their usual encodings, from whatever leaves the attempt. */
export interface Redactor {
  /** For messages, stacks and log attributes. Always before anything is cut short: half a secret matches nothing. */
  text(text: string): string;
  /** For a node's output: the same shape with secret values replaced, keys included. */
  output(value: Json): Json;
}

export const createRedactor = (secret: Json): Redactor => {
  const values = stringsOf(secret);
  const forText = spellingsOf(values.filter(({ length }) => length >= shortestInText));
  const forOutput = spellingsOf(values.filter(({ length }) => length >= shortestInOutput));
  return {
    text: (text) => replaceAll(text, forText),
    output: (value) => (forOutput.length === 0 ? value : mapStrings(value, (text) => replaceAll(text, forOutput))),
  };
};

const replaceAll = (text: string, needles: readonly string[]): string => {
  let clean = text;
  for (const needle of needles) clean = clean.replaceAll(needle, mark);
  return clean;
};

const stringsOf = (value: Json): string[] => {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(stringsOf);
};

const mapStrings = (value: Json, change: (text: string) => string): Json => {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item: Json) => mapStrings(item, change));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapStrings(item, change)]));
};

/** Longest first, so that no spelling destroys a longer one before it is found. */
const spellingsOf = (values: readonly string[]): string[] => {
  const spellings = new Set<string>();
  for (const value of values) {
    const bytes = Buffer.from(value, 'utf8');
    // By way of the bytes, since a lone surrogate cannot be percent-encoded.
    const percent = encodeURIComponent(bytes.toString('utf8'));
    const candidates = [
      value,
      JSON.stringify(value).slice(1, -1),
      percent,
      percent.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
      new URLSearchParams({ v: value }).toString().slice(2),
      htmlEscape(value),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      ...base64At(bytes, 'base64'),
      ...base64At(bytes, 'base64url'),
    ];
    for (const candidate of candidates) if (candidate.length >= shortestInText) spellings.add(candidate);
  }
  return [...spellings].toSorted((one, other) => other.length - one.length);
};

const htmlEscape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

/**
 * How the bytes look inside longer base64 text (`user:password` in a Basic header): once for each of the three places
 * where they can begin within a group, without the characters that neighbouring bytes share.
 */
const base64At = (bytes: Buffer, encoding: 'base64' | 'base64url'): string[] =>
  [0, 1, 2]
    .map((offset) => {
      const whole = Math.floor(((offset + bytes.length) * 8) / 6);
      return Buffer.concat([Buffer.alloc(offset), bytes])
        .toString(encoding)
        .slice([0, 2, 3][offset], whole);
    })
    .filter(({ length }) => length >= 8);
