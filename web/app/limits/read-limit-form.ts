import type * as z from 'zod';
import type { PageProblem } from '#app/api/api-error.ts';
import { toSeconds } from './time-units.ts';

/** What stands in the form, by the name of its field. A limit's fields begin with where it stands in the request. */
export type Typed = Readonly<Record<string, string>>;

const textOf = (typed: Typed, name: string): string => (typed[name] ?? '').trim();

/** Not a number where there is no number: the schema refuses it. */
const numberOf = (text: string): number => (text === '' ? Number.NaN : Number(text));

/** Without any number there is no rate: the field for the time always holds one. */
const readRate = (typed: Typed, prefix: string) => {
  const count = textOf(typed, `${prefix}.rate.count`);
  const burst = textOf(typed, `${prefix}.rate.burst`);
  if (count === '' && burst === '') return null;
  return {
    count: numberOf(count),
    seconds: toSeconds(numberOf(textOf(typed, `${prefix}.rate.seconds`)), typed[`${prefix}.rate.unit`]),
    ...(burst === '' ? {} : { burst: numberOf(burst) }),
  };
};

export const readLimit = (typed: Typed, prefix: string) => {
  const atOnce = textOf(typed, `${prefix}.atOnce`);
  return { atOnce: atOnce === '' ? null : numberOf(atOnce), rate: readRate(typed, prefix) };
};

export const readFlowRunLimit = (typed: Typed, prefix: string) => ({
  ...readLimit(typed, prefix),
  whenFull: typed[`${prefix}.whenFull`],
});

/** The limits of single steps, by node: those that stand there, and one that is added. What is emptied is taken away. */
export const readNodeLimits = (typed: Typed): Readonly<Record<string, ReturnType<typeof readLimit>>> => {
  const prefixes = Object.keys(typed).flatMap((name) => /^(nodes\..+)\.atOnce$/.exec(name)?.[1] ?? []);
  const standing = prefixes.map((prefix) => [prefix.slice('nodes.'.length), readLimit(typed, prefix)] as const);
  const added = textOf(typed, 'added.node');
  const all = added === '' ? standing : [...standing, [added, readLimit(typed, 'added')] as const];
  return Object.fromEntries(all.filter(([, { atOnce, rate }]) => atOnce !== null || rate !== null));
};

const inWords = (issue: z.core.$ZodIssue): string => {
  if (issue.code === 'custom') return issue.message;
  if (issue.path.at(-1) === 'seconds' && issue.code === 'too_big') return 'A day at most.';
  return 'A whole number from 1 to 100,000.';
};

/** What the schema refuses, by the field where it stands. */
export const fieldErrors = (error: z.ZodError, typed: Typed): PageProblem['errors'] =>
  error.issues.map((issue) => ({ path: toField(issue.path.join('.'), typed), message: inWords(issue) }));

const toField = (path: string, typed: Typed): string => {
  const added = textOf(typed, 'added.node');
  return added !== '' && path.startsWith(`nodes.${added}.`) ? path.replace(`nodes.${added}`, 'added') : path;
};
