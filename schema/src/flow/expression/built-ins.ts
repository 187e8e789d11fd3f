import { decodeBase64, encodeBase64 } from './base64.ts';
import { EvaluationStop } from './evaluation-stop.ts';
import type { Guard } from './guard.ts';
import { expressionLimits } from './limits.ts';
import { isFunctionValue } from './measure.ts';
import { guardMatcher, replaceWithGuard } from './matching.ts';
import { checkDatePicture } from './date-picture.ts';

/** A function as JSONata keeps it. */
export interface FunctionDefinition {
  readonly _jsonata_function: true;
  readonly implementation: Native;
  readonly signature?: unknown;
}

// oxlint-disable-next-line typescript/no-explicit-any -- arguments are whatever an expression passes
export type Native = (this: unknown, ...given: any[]) => unknown;

export interface BuiltInContext {
  readonly guard: Guard;
  /** Unix ms. */
  readonly now: number;
  readonly random: () => number;
  /** The library's own implementation of another built-in. */
  readonly native: (name: string) => Native;
}

type Replacement = (context: BuiltInContext, native: Native) => Native;

const lengthOf = (value: unknown): number => (typeof value === 'string' || Array.isArray(value) ? value.length : 0);

const refuseFunction = (value: unknown): void => {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.some(isFunctionValue)) throw new EvaluationStop('not_allowed', 'A function has no parts to look at.');
};

/** Runs `check` with the arguments, then the library's implementation. */
const checked =
  // oxlint-disable-next-line typescript/no-explicit-any -- arguments are whatever an expression passes
    (check: (context: BuiltInContext, ...given: any[]) => void): Replacement =>
    (context, native) =>
      function (this: unknown, ...given) {
        check(context, ...given);
        return native.apply(this, given);
      };

const withoutFunctions = checked((_context, value: unknown) => refuseFunction(value));
const chargedByWeight = checked(({ guard }, value: unknown) => guard.charge(guard.measure(value).weight / 256));
/** For those that take a text apart into its characters. */
const chargedByLength = checked(({ guard }, text: unknown) => guard.charge(lengthOf(text) / 64));
const boundedList = checked(({ guard }, list: unknown) => guard.allowItems(lengthOf(list)));

/** Built-ins that could multiply size, leak internals, or depend on the machine: each with what it does instead. */
const replacements: { readonly [name: string]: Replacement } = {
  now: ({ now, native }) =>
    function (this: unknown, picture, timezone) {
      return native('fromMillis').call(this, now, picture, timezone);
    },
  millis:
    ({ now }) =>
    () =>
      now,
  random: ({ random }) => random,
  shuffle:
    ({ guard, random }) =>
    (list: unknown) => {
      if (!Array.isArray(list)) return list;
      guard.allowItems(list.length);
      const shuffled: unknown[] = [...list];
      for (let index = shuffled.length - 1; index > 0; index -= 1) {
        const other = Math.floor(random() * (index + 1));
        [shuffled[index], shuffled[other]] = [shuffled[other], shuffled[index]];
      }
      return shuffled;
    },
  base64encode: () => (text: unknown) => (typeof text === 'string' ? encodeBase64(text) : undefined),
  base64decode: () => (text: unknown) => (typeof text === 'string' ? decodeBase64(text) : undefined),
  string: checked(({ guard }, value: unknown, prettify: unknown) => {
    const { weight, depth } = guard.measure(value);
    guard.charge(weight / 256);
    if (prettify === true) guard.allowText(weight * (1 + depth));
  }),
  clone: chargedByWeight,
  length: chargedByLength,
  substring: chargedByLength,
  boolean: chargedByWeight,
  not: chargedByWeight,
  pad: checked(({ guard }, text: unknown, width: unknown, filler: unknown) => {
    guard.charge(lengthOf(text) / 64);
    guard.allowText(lengthOf(text) + Math.abs(Number(width)) * Math.max(1, lengthOf(filler)));
  }),
  join: checked(({ guard }, list: unknown, separator: unknown) => {
    if (!Array.isArray(list)) return;
    let total = Math.max(0, list.length - 1) * lengthOf(separator);
    for (const item of list) total += lengthOf(item);
    guard.allowText(total);
  }),
  split: ({ guard }, native) =>
    function (this: unknown, text: unknown, separator: unknown, limit: unknown) {
      if (typeof text !== 'string' || typeof separator !== 'string') {
        return native.call(
          this,
          text,
          guardMatcher(separator, () => guard.charge(1)),
          limit,
        );
      }
      if (limit !== undefined)
        return native.call(this, text, separator, Math.min(Number(limit), expressionLimits.sequence));
      const pieces = text.split(separator, expressionLimits.sequence + 1);
      guard.allowItems(pieces.length);
      return pieces;
    },
  replace: replaceWithGuard,
  match: ({ guard }, native) =>
    function (this: unknown, text: unknown, matcher: unknown, limit: unknown) {
      return native.call(
        this,
        text,
        guardMatcher(matcher, () => guard.charge(1)),
        limit,
      );
    },
  sort: checked(({ guard }, list: unknown) => {
    const count = lengthOf(list);
    guard.allowItems(count);
    guard.charge(count + (count * count) / 20_000);
  }),
  distinct:
    ({ guard }) =>
    (list: unknown) => {
      if (!Array.isArray(list) || list.length <= 1) return list;
      guard.charge(guard.measure(list).weight / 128);
      const scalars = new Set<unknown>();
      const objects = new Set<string>();
      return list.filter((item: unknown) => {
        const isObject = typeof item === 'object' && item !== null && !isFunctionValue(item);
        const size = scalars.size + objects.size;
        if (isObject) objects.add(toComparable(item));
        else scalars.add(item);
        return scalars.size + objects.size > size;
      });
    },
  max: boundedList,
  min: boundedList,
  zip: checked(({ guard }, ...lists: unknown[]) => guard.allowItems(lists.length)),
  spread: withoutFunctions,
  merge: withoutFunctions,
  each: withoutFunctions,
  sift: withoutFunctions,
  toMillis: checked((_context, text: unknown, picture: unknown) => checkDatePicture(text, picture)),
  formatNumber: checked(({ guard }, _value: unknown, picture: unknown) => guard.allowItems(lengthOf(picture))),
};

/** A text that two values share exactly when JSONata calls them equal. */
const toComparable = (value: unknown): string => {
  if (typeof value !== 'object' || value === null || isFunctionValue(value)) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(toComparable).join()}]`;
  const members = Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${toComparable(member)}`).join()}}`;
};

/** The built-in of this name, held to the guard: its arguments and its result are counted and checked. */
export const guardBuiltIn = (
  name: string,
  definition: FunctionDefinition,
  context: BuiltInContext,
): FunctionDefinition => {
  const { guard } = context;
  const native = definition.implementation;
  const replacement = Object.hasOwn(replacements, name) ? replacements[name] : undefined;
  const implementation = replacement ? replacement(context, native) : native;

  const guarded: Native = function (this: unknown, ...given) {
    guard.charge(1);
    for (const argument of given) guard.charge(lengthOf(argument) / (typeof argument === 'string' ? 1_024 : 16));
    const result = implementation.apply(this, given);
    return result instanceof Promise ? result.then((value) => guard.keep(value as unknown)) : guard.keep(result);
  };
  // JSONata reads the number and the names of parameters from the function itself, for partial application.
  Object.defineProperty(guarded, 'length', { value: native.length });
  Object.defineProperty(guarded, 'toString', { value: () => native.toString() });
  return { ...definition, implementation: guarded };
};
