import type { Json, Plan, SubflowStep } from '../../flow/plan.ts';
import type { Failure } from '../../run/status.ts';
import { childRunIdOf } from '../child-run-id.ts';
import { succeedAdopted } from '../evaluate-outside.ts';
import { evaluatorFor, toExpressionFailure } from '../evaluation.ts';
import type { ChildEnd } from '../event.ts';
import { failStep, succeedStep } from '../outcome.ts';
import { pathOf, type Place } from '../place.ts';
import { isStopping } from '../scopes.ts';
import { changeStep, planStepAt, stepAt, type Turn } from '../turn.ts';
import type { Statement } from './statement.ts';

/** Runs another flow as a run of its own, and waits for its end or goes on. A repeat by a person is another run. */
export const subflow: Statement<SubflowStep> = {
  async begin(turn, place, step) {
    const known = stepAt(turn, place).input;
    // Each start carries the other flow's plan: many at once must not be more than one message can hold.
    turn.evaluators.push({ spent: 0, bytes: sizeOf(step.plan) });
    if (known !== undefined) return start(turn, place, known);
    const evaluated = await evaluatorFor(turn, place).evaluate(step.input, 'input');
    if (!evaluated.ok) return failStep(turn, place, toExpressionFailure(evaluated.error));
    start(turn, place, evaluated.value);
  },
  portFor: () => 'out',
  expected: 'any value',
};

const sizes = new WeakMap<Plan, number>();

/** Characters of JSON. */
const sizeOf = (plan: Plan): number => {
  const size = sizes.get(plan) ?? JSON.stringify(plan).length;
  sizes.set(plan, size);
  return size;
};

/** Characters of JSON that a sub-flow may begin with: together with its plan they fit into one message to Temporal. */
const mostInput = 400_000;

const start = (turn: Turn, place: Place, input: Json): void => {
  const size = JSON.stringify(input).length;
  if (size > mostInput) {
    const message = `input: It has ${size} characters as JSON; a sub-flow begins with at most ${mostInput}. Give it ids, and fetch what is large there.`;
    return failStep(turn, place, { name: 'input_too_large', message });
  }
  const path = pathOf(place);
  const { ordinal, continues: fork } = stepAt(turn, place);
  const childRunId = childRunIdOf(turn.state.run.id, path, ordinal);
  const changes = { status: 'waiting', input, child: childRunId } as const;
  changeStep(turn, place, changes, ['failure', 'attempts', 'dueAt', 'continues']);
  turn.commands.push({ type: 'startChild', path, ordinal, childRunId, input, ...(fork && { fork }) });
};

/** Nobody waits for it: what the step gives is where it runs. */
export const leaveChild = (turn: Turn, place: Place): void => {
  const { child = null } = stepAt(turn, place);
  succeedStep(turn, place, { runId: child });
};

export const endChild = (turn: Turn, place: Place, end: ChildEnd): void => {
  switch (end.status) {
    case 'succeeded':
      return end.outputReference
        ? succeedAdopted(turn, place, end.outputReference)
        : succeedStep(turn, place, end.output ?? null);
    case 'failed':
      return failStep(turn, place, failureOf(turn, place, end.failure));
    case 'cancelled':
      if (isStopping(turn, place)) return void changeStep(turn, place, { status: 'cancelled' });
      return failStep(turn, place, {
        name: 'child_cancelled',
        message: `The run of ${titleOf(turn, place)} that this step waited for was cancelled.`,
        advice: 'Retry the step to run it once more.',
      });
  }
};

/** By its name, so that whoever catches failures by name need not know where they come from. */
const failureOf = (turn: Turn, place: Place, { name, message, advice, unsure }: Failure): Failure => ({
  name,
  message: `${titleOf(turn, place)} failed: ${message}`,
  ...(advice !== undefined && { advice }),
  ...(unsure && { unsure }),
});

const titleOf = (turn: Turn, place: Place): string => {
  const step = planStepAt(turn, place);
  return step.type === 'subflow' ? step.plan.title : step.title;
};
