import { EvaluationStop } from './evaluation-stop.ts';
import { expressionLimits, type ExpressionLimits } from './limits.ts';

export interface Measure {
  /** Characters of the value as JSON, about; a part that appears twice counts twice. */
  readonly weight: number;
  readonly depth: number;
}

/** JSONata's built-in functions and lambdas are objects with a mark; those handed to a built-in are plain functions. */
export const isFunctionValue = (value: unknown): boolean =>
  typeof value === 'function' ||
  (typeof value === 'object' &&
    value !== null &&
    ('_jsonata_function' in value || '_jsonata_lambda' in value) &&
    ((value as { _jsonata_function?: unknown })._jsonata_function === true ||
      (value as { _jsonata_lambda?: unknown })._jsonata_lambda === true));

const tooLarge = (what: string) => new EvaluationStop('too_large', `The expression makes ${what}.`);

/**
 * Remembers how large each object is, so that a value built from measured parts costs only its own width. `onNew` hears
 * the width of each object that is measured for the first time.
 */
export const createMeasure = (
  onNew: (width: number) => void,
  limits: ExpressionLimits = expressionLimits,
): ((value: unknown) => Measure) => {
  const known = new WeakMap<object, Measure>();
  const leaf: Measure = { weight: 8, depth: 0 };

  const measure = (value: unknown): Measure => {
    if (typeof value === 'string') {
      if (value.length > limits.text) {
        throw tooLarge(`a text of more than ${limits.text} characters`);
      }
      return { weight: value.length + 2, depth: 0 };
    }
    if (typeof value !== 'object' || value === null || isFunctionValue(value)) return leaf;
    const earlier = known.get(value);
    if (earlier) return earlier;

    let weight = 2;
    let depth = 0;
    const add = (member: unknown) => {
      const { weight: inner, depth: below } = measure(member);
      weight += inner + 1;
      if (below > depth) depth = below;
    };
    if (Array.isArray(value)) {
      onNew(value.length);
      for (let index = 0; index < value.length; index += 1) add(value[index]);
    } else {
      const keys = Object.keys(value);
      onNew(keys.length);
      for (const key of keys) {
        weight += key.length + 3;
        add((value as { [key: string]: unknown })[key]);
      }
    }
    if (weight > limits.weight) throw tooLarge('a value that is too large');
    if (depth >= limits.depth) throw tooLarge(`a value nested more than ${limits.depth} levels deep`);
    const result = { weight, depth: depth + 1 };
    known.set(value, result);
    return result;
  };
  return measure;
};
