import type { Json, StopStep } from '../../flow/plan.ts';
import { closeRun } from '../close-run.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import { failStep } from '../outcome.ts';
import { changeStep } from '../turn.ts';
import type { Statement } from './statement.ts';

/** Ends the run here: what else is under way is cancelled, and what has not begun never will. */
export const stop: Statement<StopStep> = {
  async begin(turn, place, { outcome, value }) {
    const evaluated = await evaluatorFor(turn, place).evaluateValue(value, 'value');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    const given = evaluated.value;
    changeStep(turn, place, { status: 'succeeded', ...given }, ['failure']);
    const message = 'output' in given ? toText(given.output) : given.large.reference.preview;
    closeRun(
      turn,
      outcome === 'succeeded'
        ? { status: 'succeeded', ...('output' in given ? given : { outputReference: given.large.reference }) }
        : { status: 'failed', failure: { name: 'stopped', message } },
    );
  },
  portFor: () => 'out',
  expected: 'any value',
};

const toText = (value: Json): string => {
  if (value === null) return 'A step of the flow ended this run as failed.';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
