import { EvaluationStop } from './evaluation-stop.ts';
import { expressionLimits } from './limits.ts';
import type { ReferenceTree } from './references.ts';

type Plain = { readonly [key: string]: unknown };

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const copyAll = (value: unknown, depth: number): unknown => {
  if (depth > expressionLimits.depth) {
    throw new EvaluationStop('too_large', `The data is nested more than ${expressionLimits.depth} levels deep.`);
  }
  if (Array.isArray(value)) return value.map((item) => copyAll(item, depth + 1));
  if (!isPlain(value)) return value;
  const copy = Object.create(null) as { [key: string]: unknown };
  for (const key of Object.keys(value)) {
    if (key.startsWith('_jsonata_')) {
      // JSONata takes an object with such a mark for a function.
      throw new EvaluationStop(
        'not_allowed',
        'The data holds a key that begins with _jsonata_; expressions cannot read it.',
      );
    }
    copy[key] = copyAll(value[key], depth + 1);
  }
  return copy;
};

/**
 * The part of `data` that an expression reads, as objects of its own without prototype: nothing an expression does
 * reaches the run's state, and no name leads out of the data.
 */
export const copyReferenced = (data: unknown, tree: ReferenceTree, depth = 0): unknown => {
  if (tree.whole || !isPlain(data)) return copyAll(data, depth);
  const copy = Object.create(null) as { [key: string]: unknown };
  for (const [name, branch] of tree.members) {
    if (Object.hasOwn(data, name)) copy[name] = copyReferenced(data[name], branch, depth + 1);
  }
  return copy;
};
