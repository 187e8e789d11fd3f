import type { Comparison, Condition, Json } from '../plan.ts';
import { EvaluationStop } from './evaluation-stop.ts';
import type { Evaluator, ExpressionError } from './evaluator.ts';
import { compileLinearRegex } from './linear-regex.ts';

export type EvaluatedCondition =
  | { readonly ok: true; readonly value: boolean }
  | { readonly ok: false; readonly error: ExpressionError };

type Operator = Comparison['operator'];

/** A comparison that has no answer, such as whether a list is less than a text. */
class Incomparable extends Error {}

const isNumeric = (value: Json | undefined): value is number | string =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)));

/**
 * Equal as a person means it: a number equals its text, since forms hold texts, and `true` equals "true". Lists and
 * objects are equal part by part. What is missing equals nothing.
 */
export const isEqual = (left: Json | undefined, right: Json | undefined): boolean => {
  if (left === undefined || right === undefined) return false;
  if (left === right) return true;
  if (left === null || right === null) return false;
  if (typeof left === 'object' && typeof right === 'object') return isEqualObject(left, right);
  if (typeof left === 'object' || typeof right === 'object' || typeof left === typeof right) return false;
  if (typeof left === 'boolean' || typeof right === 'boolean') return String(left) === String(right);
  return isNumeric(left) && isNumeric(right) && Number(left) === Number(right);
};

const isEqualObject = (left: object, right: object): boolean => {
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  const at = (value: object, name: string): Json | undefined =>
    Object.hasOwn(value, name) ? (value as { [key: string]: Json })[name] : undefined;
  return names.every((name) => isEqual(at(left, name), at(right, name)));
};

/** Negative, zero or positive. Numbers and their texts compare as numbers, other texts letter by letter. */
const order = (left: Json, right: Json): number => {
  if (isNumeric(left) && isNumeric(right)) return Number(left) - Number(right);
  if (typeof left === 'string' && typeof right === 'string') {
    if (left === right) return 0;
    return left < right ? -1 : 1;
  }
  throw new Incomparable('Only two numbers or two texts can be put in order.');
};

const asText = (value: Json): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Incomparable('Only a text can be searched.');
};

const includes = (left: Json, right: Json): boolean =>
  Array.isArray(left) ? left.some((item: Json) => isEqual(item, right)) : asText(left).includes(asText(right));

const matches = (left: Json, right: Json, charge: (steps: number) => void): boolean => {
  const text = asText(left);
  return compileLinearRegex(asText(right)).match(text, 0, charge) !== null;
};

const hasValue = (value: Json | undefined): value is Json => value !== undefined && value !== null;

type Test = (left: Json | undefined, right: Json | undefined, charge: (steps: number) => void) => boolean;

/** What has no value is neither more nor less than anything, and contains nothing. */
const ofValues =
  (test: (left: Json, right: Json, charge: (steps: number) => void) => boolean): Test =>
  (left, right, charge) =>
    hasValue(left) && hasValue(right) && test(left, right, charge);

const operators: { readonly [Name in Operator]: Test } = {
  equals: isEqual,
  notEquals: (left, right) => !isEqual(left, right),
  greaterThan: ofValues((left, right) => order(left, right) > 0),
  greaterOrEqual: ofValues((left, right) => order(left, right) >= 0),
  lessThan: ofValues((left, right) => order(left, right) < 0),
  lessOrEqual: ofValues((left, right) => order(left, right) <= 0),
  contains: ofValues(includes),
  startsWith: ofValues((left, right) => asText(left).startsWith(asText(right))),
  endsWith: ofValues((left, right) => asText(left).endsWith(asText(right))),
  matches: ofValues(matches),
  exists: hasValue,
  notExists: (left) => !hasValue(left),
  isTrue: (left) => left === true || left === 'true',
  isFalse: (left) => left === false || left === 'false',
};

/**
 * Whether a condition holds. `all` of nothing holds, `any` of nothing does not; evaluation stops as soon as the answer
 * is known. A missing value fails every comparison except `notEquals`, `notExists`.
 */
export const evaluateCondition = async (
  condition: Condition,
  evaluator: Evaluator,
  field: string,
): Promise<EvaluatedCondition> => {
  if ('all' in condition) return evaluateList(condition.all, evaluator, `${field}.all`, false);
  if ('any' in condition) return evaluateList(condition.any, evaluator, `${field}.any`, true);
  if ('not' in condition) {
    const inner = await evaluateCondition(condition.not, evaluator, `${field}.not`);
    return inner.ok ? { ok: true, value: !inner.value } : inner;
  }
  const left = await evaluator.evaluateOperand(condition.left, `${field}.left`);
  if (!left.ok) return left;
  const right = await evaluator.evaluateOperand(condition.right ?? null, `${field}.right`);
  if (!right.ok) return right;
  try {
    const value = operators[condition.operator](left.value, right.value, (steps) => evaluator.charge(steps));
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Incomparable) return { ok: false, error: { code: 'failed', message: error.message, field } };
    if (error instanceof EvaluationStop)
      return { ok: false, error: { code: error.code, message: error.message, field } };
    throw error;
  }
};

const evaluateList = async (
  conditions: readonly Condition[],
  evaluator: Evaluator,
  field: string,
  decisive: boolean,
): Promise<EvaluatedCondition> => {
  for (const [index, condition] of conditions.entries()) {
    const evaluated = await evaluateCondition(condition, evaluator, `${field}[${index}]`);
    if (!evaluated.ok || evaluated.value === decisive) return evaluated;
  }
  return { ok: true, value: !decisive };
};
