import type { Template } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import { isUndo } from '../is-undo.ts';
import { evaluatorIn, toExpressionFailure } from '../evaluation.ts';
import { scopeAt } from '../scopes.ts';
import type { Turn } from '../turn.ts';
import { type Composed, composeObject, toComposed } from '../value.ts';

export type ScopeResult =
  | { readonly ok: true; readonly value: Composed }
  | { readonly ok: false; readonly failure: Failure };

/**
 * What an instance of a frame gives: its author's expression over it, or else what its last steps gave: one output, or,
 * when several steps have nothing behind them, an object of theirs by id.
 */
export const resultOf = async (turn: Turn, scopePath: string, result: Template | null): Promise<ScopeResult> => {
  if (result === null) return { ok: true, value: outputOfLast(turn, scopePath) };
  const evaluated = await evaluatorIn(turn, scopePath, { name: `${scopePath}!result` }).evaluateValue(result, 'result');
  return evaluated.ok
    ? { ok: true, value: toComposed(evaluated.value) }
    : { ok: false, failure: toExpressionFailure(evaluated.error) };
};

const outputOfLast = (turn: Turn, scopePath: string): Composed => {
  const { region, steps } = scopeAt(turn, scopePath);
  const last = (turn.plan.regions[region]?.steps ?? []).filter((stepId) => {
    const step = turn.plan.steps[stepId];
    return step?.outgoing.length === 0 && step.type !== 'finally' && !isUndo(step);
  });
  const outputs = last.map((stepId): readonly [string, Composed] => {
    const { output = null, large } = steps[stepId] ?? {};
    return [stepId, toComposed(large ? { large } : { output })];
  });
  const [only] = outputs;
  return only && outputs.length === 1 ? only[1] : composeObject(outputs);
};
