import type { Json } from '../flow/plan.ts';
import type { LargeValue, PlacedReference } from '../run/large-value.ts';

/** What a step, a variable or a run holds: a value of its own, or one that is kept outside. */
export type Value = { readonly output: Json } | { readonly large: LargeValue };

/** A value put together of others, some of which are kept outside: these stand at `placed`, and null in `value`. */
export interface Composed {
  readonly value: Json;
  readonly placed: readonly PlacedReference[];
  /** Set when it is nothing but one value that is kept outside. */
  readonly whole?: LargeValue;
}

export const toComposed = (value: Value): Composed =>
  'output' in value
    ? { value: value.output, placed: [] }
    : { value: null, placed: [placedAt([], value.large)], whole: value.large };

export const placedAt = (path: readonly string[], { reference }: LargeValue): PlacedReference => ({
  path,
  sha256: reference.sha256,
  bytes: reference.bytes,
});

/** The same references, in something that holds their value at `path`. */
export const within = (path: readonly string[], placed: readonly PlacedReference[]): readonly PlacedReference[] =>
  placed.map((each) => ({ ...each, path: [...path, ...each.path] }));

/** An object of values by name. */
export const composeObject = (members: readonly (readonly [string, Composed])[]): Composed => ({
  value: Object.fromEntries(members.map(([name, { value }]) => [name, value])),
  placed: members.flatMap(([name, { placed }]) => within([name], placed)),
});
