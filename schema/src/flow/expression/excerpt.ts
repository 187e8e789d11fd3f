import type { LargeValue } from '../../run/large-value.ts';
import { valueLimits } from '../../run/large-value.ts';
import type { Json } from '../plan.ts';
import type { Path } from './reading.ts';

/** The names of a path as a plan writes it: ``body.`x y`.total``. */
const toNames = (path: string): Path =>
  [...path.matchAll(/`([^`]*)`|([^.`]+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

const isObject = (value: Json | undefined): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** How far a path leads by names alone. Inside a list an expression has rules of its own, so the list comes whole. */
const follow = (value: Json, names: Path): { readonly path: Path; readonly part: Json | undefined } => {
  let part: Json | undefined = value;
  for (const [index, name] of names.entries()) {
    if (!isObject(part)) return { path: names.slice(0, index), part };
    part = Object.hasOwn(part, name) ? part[name] : undefined;
  }
  return { path: names, part };
};

/** `whole` with `part` at a path of names; objects come into being where there are none. */
export const withPart = (whole: Json | undefined, [name, ...rest]: Path, part: Json): Json => {
  if (name === undefined) return part;
  if (Array.isArray(whole)) {
    const items = whole as readonly Json[];
    return items.map((item, index) => (String(index) === name ? withPart(item, rest, part) : item));
  }
  const object = isObject(whole) ? whole : {};
  return { ...object, [name]: withPart(Object.hasOwn(object, name) ? object[name] : undefined, rest, part) };
};

/** `whole` with the members of a list in the places from a path on, which leads into another list. */
export const withMembers = (whole: Json, path: Path, members: Json): Json => {
  const parent = path.slice(0, -1);
  const { part } = follow(whole, parent);
  if (!Array.isArray(part) || !Array.isArray(members)) throw new Error(`No list stands at ${path.join('.')}.`);
  return withPart(whole, parent, part.toSpliced(Number(path.at(-1)), members.length, ...members));
};

/** What is brought along of a large value: of the paths that the plan reads, those that fit. */
export const excerptOf = (value: Json, reads: readonly string[]): LargeValue['excerpt'] => {
  const paths: Path[] = [];
  let picked: Json = {};
  let room: number = valueLimits.excerpt;
  for (const read of reads) {
    const { path, part } = follow(value, toNames(read));
    if (path.length === 0 || paths.some((known) => known.join('\0') === path.join('\0'))) continue;
    const size = JSON.stringify(path).length + (part === undefined ? 0 : JSON.stringify(part).length);
    if (size > room) continue;
    room -= size;
    paths.push(path);
    if (part !== undefined) picked = withPart(picked, path, part);
  }
  return paths.length === 0 ? undefined : { paths, value: picked };
};

/** All that is read of a value, however much that is. */
export const partsOf = (value: Json, reads: readonly Path[]): NonNullable<LargeValue['excerpt']> => {
  const parts = reads.map((read) => follow(value, read));
  return {
    paths: parts.map(({ path }) => path),
    value: parts.reduce<Json>(
      (picked, { path, part }) => (part === undefined ? picked : withPart(picked, path, part)),
      {},
    ),
  };
};
