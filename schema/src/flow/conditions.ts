import * as z from 'zod';
import type { Comparison, Condition, Json } from './plan.ts';

/** Every operator of a comparison, with the words of its form. */
export const operatorTitles = {
  equals: 'equals',
  notEquals: 'does not equal',
  greaterThan: 'is greater than',
  greaterOrEqual: 'is at least',
  lessThan: 'is less than',
  lessOrEqual: 'is at most',
  contains: 'contains',
  startsWith: 'starts with',
  endsWith: 'ends with',
  matches: 'matches the pattern',
  exists: 'has a value',
  notExists: 'has no value',
  isTrue: 'is true',
  isFalse: 'is false',
} as const satisfies { readonly [Name in Comparison['operator']]: string };

const operators = Object.keys(operatorTitles) as [Comparison['operator'], ...Comparison['operator'][]];

/** Any JSON, whose texts may hold expressions. */
export const value = (z.unknown() as z.ZodType<Json>).meta({ title: 'Value', widget: 'template' });

const comparisonSchema = z.strictObject({
  left: value.meta({ title: 'Value' }),
  operator: z.enum(operators).meta({ title: 'Comparison', labels: operatorTitles }),
  right: value.optional().meta({ title: 'Compared with' }),
});

const mostConditions = 50;

/** A compound condition: one comparison, or all of, any of, not. Nested as deep as the author needs. */
export const conditionSchema: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    comparisonSchema as z.ZodType<Comparison>,
    z.strictObject({ all: z.array(conditionSchema).min(1).max(mostConditions).meta({ title: 'All of' }) }),
    z.strictObject({ any: z.array(conditionSchema).min(1).max(mostConditions).meta({ title: 'Any of' }) }),
    z.strictObject({ not: conditionSchema }),
  ]),
);
