import type { Json } from '@everwave/schema/flow';
import * as z from 'zod';

interface Compared {
  readonly left: unknown;
  readonly right: unknown;
  readonly operation: string;
}

const newSchema = z.object({
  combinator: z.string().catch('and'),
  conditions: z.array(
    z.object({
      leftValue: z.unknown(),
      rightValue: z.unknown(),
      operator: z.object({ operation: z.string() }),
    }),
  ),
});
const oldSchema = z.object({
  combineOperation: z.string().catch('all'),
  conditions: z.record(
    z.string(),
    z.array(z.object({ value1: z.unknown(), value2: z.unknown(), operation: z.string().catch('equal') })),
  ),
});

const operators: Readonly<Record<string, string>> = {
  equals: 'equals',
  equal: 'equals',
  notEquals: 'notEquals',
  notEqual: 'notEquals',
  gt: 'greaterThan',
  larger: 'greaterThan',
  gte: 'greaterOrEqual',
  largerEqual: 'greaterOrEqual',
  lt: 'lessThan',
  smaller: 'lessThan',
  lte: 'lessOrEqual',
  smallerEqual: 'lessOrEqual',
  contains: 'contains',
  startsWith: 'startsWith',
  endsWith: 'endsWith',
  regex: 'matches',
  exists: 'exists',
  notExists: 'notExists',
  true: 'isTrue',
  false: 'isFalse',
};
/** These look at one value alone. */
const unary = new Set(['exists', 'notExists', 'isTrue', 'isFalse']);
const negated: Readonly<Record<string, string>> = {
  notContains: 'contains',
  notStartsWith: 'startsWith',
  notEndsWith: 'endsWith',
  notRegex: 'matches',
};

export interface ReadConditions {
  readonly join: 'all' | 'any';
  readonly compared: readonly Compared[];
}

/** Both forms in which n8n has written conditions; null for another one. */
export const readConditions = (parameters: Readonly<Record<string, unknown>>): ReadConditions | null => {
  const recent = newSchema.safeParse(parameters['conditions']);
  if (recent.success) {
    return {
      join: recent.data.combinator === 'or' ? 'any' : 'all',
      compared: recent.data.conditions.map(({ leftValue: left, rightValue: right, operator: { operation } }) => ({
        left,
        right,
        operation,
      })),
    };
  }
  const old = oldSchema.safeParse(parameters);
  if (!old.success) return null;
  return {
    join: old.data.combineOperation === 'any' ? 'any' : 'all',
    compared: Object.values(old.data.conditions)
      .flat()
      .map(({ value1: left, value2: right, operation }) => ({ left, right, operation })),
  };
};

/** Null when one of the comparisons has no equal here. */
export const toCondition = ({ join, compared }: ReadConditions, translate: (value: unknown) => Json): Json | null => {
  const all: Json[] = [];
  for (const { left, right, operation } of compared) {
    const turned = negated[operation];
    const operator = operators[operation] ?? turned;
    if (operator === undefined) return null;
    const comparison = {
      left: translate(left),
      operator,
      ...(!unary.has(operator) && { right: translate(right) }),
    };
    all.push(turned === undefined ? comparison : { not: comparison });
  }
  if (all.length === 0) return null;
  return all.length === 1 ? (all[0] ?? null) : join === 'any' ? { any: all } : { all };
};
