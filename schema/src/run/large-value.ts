import type { Json } from '../flow/plan.ts';

/** Bytes, of values as JSON. */
export const valueLimits = {
  /** What a step gives beyond this is kept outside of the run's history, and travels as a reference. */
  inline: 16_384,
  /** Of a value that is kept outside, the parts that later steps read travel beside the reference, up to this. */
  excerpt: 4_096,
  /** Characters of the beginning of a value that are shown in its place. */
  preview: 200,
  /** The largest value there can be. */
  largest: 268_435_456,
  /** What a person can edit, and what a page shows at once. */
  editable: 1_048_576,
} as const;

/** Name of the activity that evaluates what a control step needs of values which are kept outside. */
export const evaluateActivity = 'everwave.evaluate@1';

/** Names a value that is kept outside of a run's history: content-addressed, per org. */
export interface ValueReference {
  /** Where the store has it: `blob:<sha256>`. */
  readonly ref: string;
  /** Of the value as JSON. */
  readonly bytes: number;
  /** Hexadecimal, of the value's JSON as UTF-8. */
  readonly sha256: string;
  /** The first characters of its JSON. */
  readonly preview: string;
}

/**
 * A value by reference, as a run's state has it. It never stands inside another value: whatever a person, a service or an
 * expression gives stays data, also when it looks like this.
 */
export interface LargeValue {
  readonly reference: ValueReference;
  /** What the plan reads of it: everything at these paths is in `value`. Absent where none of it was brought along. */
  readonly excerpt?: { readonly paths: readonly (readonly string[])[]; readonly value: Json };
}

/** A value inside a composed one: `path` says where it belongs. */
export interface PlacedReference {
  readonly path: readonly string[];
  /** It is a list, and what belongs there are its members, one after the other: the path ends with the index of the first. */
  readonly members?: true;
  readonly sha256: string;
  readonly bytes: number;
}
