import { isDeepStrictEqual } from 'node:util';
import type { AuditChange } from '@everwave/schema/db';

/** Settings by name; objects inside become `outer.inner`. */
export type Fields = Readonly<Record<string, unknown>>;

/** Characters of one value, and fields of one entry. What is longer is cut and says so. */
export const auditBounds = { text: 1_000, fields: 100 } as const;

const secretName =
  /(secret|password|passphrase|token|credential|authorization|cookie|sealed|(private|api|secret)[-_ ]?key|(password|token|key)[-_ ]?hash)$/i;

/** What differs, by field. Null when nothing was given, or nothing differs. */
export const changesOf = (
  before: Fields | undefined,
  after: Fields | undefined,
): Record<string, AuditChange> | null => {
  const [was, is] = [flatten(before ?? {}), flatten(after ?? {})];
  const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => !isSame(was.get(name), is.get(name)));
  if (names.length === 0) return null;
  const kept = names.slice(0, auditBounds.fields).map((name) => [name, toChange(name, was.get(name), is.get(name))]);
  const rest = names.length - kept.length;
  return Object.fromEntries(rest === 0 ? kept : [...kept, ['…', { after: `${rest} more fields` }]]);
};

/** A field that is empty and one that is not there say the same. */
const isSame = (left: unknown, right: unknown): boolean => isDeepStrictEqual(left ?? null, right ?? null);

const flatten = (fields: Fields, prefix = ''): Map<string, unknown> =>
  new Map(
    Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
      const path = `${prefix}${name}`;
      if (isPlain(value) && !secretName.test(name)) return [...flatten(value, `${path}.`)];
      return [[path, value instanceof Date ? value.toISOString() : value]];
    }),
  );

const isPlain = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

const toChange = (path: string, before: unknown, after: unknown): AuditChange => {
  const isSecret = path.split('.').some((name) => secretName.test(name));
  if (isSecret || isBytes(before) || isBytes(after)) return { isHidden: true };
  return { before: toKept(before), after: toKept(after) };
};

const isBytes = (value: unknown): boolean => ArrayBuffer.isView(value) || value instanceof ArrayBuffer;

const toKept = (value: unknown): unknown => {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return cut(withoutUserInfo(value));
  if (typeof value !== 'object') return value;
  const text = JSON.stringify(value, (name, inner: unknown) =>
    secretName.test(name) ? '(hidden)' : typeof inner === 'string' ? withoutUserInfo(inner) : inner,
  );
  return text.length <= auditBounds.text ? JSON.parse(text) : cut(text);
};

/** `https://name:password@host` is a secret in an address. */
const withoutUserInfo = (text: string): string => text.replaceAll(/(:\/\/)[^/?#\s@]*@/g, '$1(hidden)@');

const cut = (text: string): string =>
  text.length <= auditBounds.text ? text : `${text.slice(0, auditBounds.text)}… (${text.length} characters)`;
