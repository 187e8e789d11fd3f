import { type PlacedReference, type ValueReference, valueLimits } from '../../run/large-value.ts';
import { mergePatch } from '../merge-patch.ts';
import type { Condition, Json, Template } from '../plan.ts';
import { evaluateCondition } from './condition.ts';
import { createEvaluator, type EvaluationContext, type ExpressionError, type ExpressionScope } from './evaluator.ts';
import { partsOf, withMembers, withPart } from './excerpt.ts';
import { type Path, readsWithin } from './reading.ts';
import { expressionLimits, type ExpressionLimits } from './limits.ts';

/**
 * What is to be evaluated where large values can be loaded, and everything it needs but these: `references` says where in
 * the scope each belongs. Its author, time and seed are the run's, so it gives the same wherever and whenever it is done.
 */
export interface EvaluationRequest extends EvaluationContext {
  readonly work:
    | {
        readonly type: 'template';
        readonly template: Template;
        readonly field: string;
        readonly mayBeMissing?: true;
        /** What a person has changed in the result: JSON Merge Patches, in their order. */
        readonly edits?: readonly Json[];
      }
    | { readonly type: 'condition'; readonly condition: Condition; readonly field: string }
    /** Of each value that is kept outside: what is read of it. Gives them by hash. */
    | { readonly type: 'excerpts'; readonly reads: readonly Path[]; readonly field: string }
    /** The scope's `value`, with its large parts in their places. */
    | { readonly type: 'compose'; readonly field?: string }
    /** Nothing to evaluate: a value that another run keeps is this run's too. */
    | { readonly type: 'adopt'; readonly reference: ValueReference };
  readonly scope: { readonly [name: string]: Json };
  readonly references: readonly PlacedReference[];
  /** Bytes up to which whoever asked takes the result itself; a larger one is kept, and comes as a reference. */
  readonly inline?: number;
}

/** What came of it. `value` is absent where an expression gave nothing, and where the result comes as a reference. */
export type EvaluationReply =
  | { readonly ok: true; readonly value?: Json }
  | { readonly ok: false; readonly error: ExpressionError };

/**
 * Beyond a workflow's thread an evaluation may look at more: as much as one value can have, in ten times the steps. What
 * it may make in between, item by item, is the same.
 */
const limits: ExpressionLimits = {
  ...expressionLimits,
  steps: 10 * expressionLimits.steps,
  text: valueLimits.largest,
  weight: 2 * valueLimits.largest,
  resultBytes: valueLimits.largest,
};

/** Evaluates a request. `load` gives a value by its hash; all of them are needed. */
export const evaluateRequest = async (
  { work, scope, references, now, seed }: EvaluationRequest,
  load: (reference: PlacedReference) => Promise<Json>,
): Promise<EvaluationReply> => {
  if (work.type === 'adopt') return { ok: true };
  if (work.type === 'excerpts') return { ok: true, value: await excerptsOf(work.reads, references, load) };
  let loaded: Json = scope;
  for (const reference of references) {
    const { path, members } = reference;
    loaded = (members ? withMembers : withPart)(loaded, path, await load(reference));
  }
  if (work.type === 'compose') return { ok: true, value: (loaded as { readonly value: Json }).value };
  const evaluator = createEvaluator({ scope: loaded as unknown as ExpressionScope, context: { now, seed }, limits });
  if (work.type === 'condition') return evaluateCondition(work.condition, evaluator, work.field);
  const evaluated = work.mayBeMissing
    ? await evaluator.evaluateOperand(work.template, work.field)
    : await evaluator.evaluate(work.template, work.field);
  if (!evaluated.ok) return evaluated;
  const value = (work.edits ?? []).reduce(mergePatch, evaluated.value);
  return { ok: true, ...(value !== undefined && { value }) };
};

const excerptsOf = async (
  reads: readonly Path[],
  references: readonly PlacedReference[],
  load: (reference: PlacedReference) => Promise<Json>,
): Promise<Json> => {
  const excerpts: { [sha256: string]: Json } = {};
  for (const reference of references) {
    const { paths, value } = partsOf(await load(reference), readsWithin(reference.path, reads));
    excerpts[reference.sha256] = { paths, value };
  }
  return excerpts;
};
