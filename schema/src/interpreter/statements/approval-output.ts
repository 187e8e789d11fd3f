import type { Json } from '../../flow/plan.ts';
import type { GivenAnswer } from '../../run/waits.ts';

/** What an approval gives: the answer that decided, and all of them. */
export const decidedBy = (answer: GivenAnswer, answers: readonly GivenAnswer[]): Json =>
  ({ ...answer, answers }) as unknown as Json;

export const timedOut = (answers: readonly GivenAnswer[]): Json =>
  ({ decision: 'timeout', by: null, at: null, comment: null, values: {}, answers }) as unknown as Json;

const decisions: readonly string[] = ['approved', 'rejected', 'timeout'];

/** The way out that an output stands for; null when it is none of an approval. */
export const decisionIn = (output: Json): string | null => {
  if (typeof output !== 'object' || output === null || Array.isArray(output)) return null;
  const { decision } = output as { readonly decision?: Json };
  return typeof decision === 'string' && decisions.includes(decision) ? decision : null;
};
