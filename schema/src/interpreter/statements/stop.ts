import type { Json, StopStep } from '../../flow/plan.ts';
import { closeRun } from '../close-run.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep } from '../outcome.ts';
import { changeStep } from '../turn.ts';
import type { Statement } from './statement.ts';

/** Ends the run here: what else is under way is cancelled, and what has not begun never will. */
export const stop: Statement<StopStep> = {
  async begin(turn, place, { outcome, value }) {
    const evaluated = await evaluatorFor(turn, place).evaluate(value, 'value');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    changeStep(turn, place, { status: 'succeeded', output: evaluated.value }, ['failure']);
    closeRun(
      turn,
      outcome === 'succeeded'
        ? { status: 'succeeded', output: evaluated.value }
        : { status: 'failed', failure: { name: 'stopped', message: toText(evaluated.value) } },
    );
  },
  portFor: () => 'out',
  expected: 'any value',
};

const toText = (value: Json): string => {
  if (value === null) return 'A step of the flow ended this run as failed.';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
