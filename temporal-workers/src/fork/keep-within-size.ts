import type { StepTransition } from '@everwave/schema/interpreter';
import { forkRefusedFailure, type StartedFork } from '@everwave/schema/run';
import { ApplicationFailure } from '@temporalio/common';

/** Characters of JSON that a fork may begin with. Temporal takes 2 MB; a character can be three bytes. */
const largest = 600_000;

/**
 * The state has what the fork reads. What its page shows beside that, the inputs of what stands and all of iterations that
 * have ended, is left to the page of the origin where it would be too much.
 */
export const keepWithinSize = ({ kept, ...begun }: StartedFork): StartedFork => {
  const { state } = begun;
  const size = (value: unknown) => JSON.stringify(value).length;
  const room = largest - size(begun);
  if (size(kept) <= room) return { ...begun, kept };
  const isOpen = ({ path, stepId }: StepTransition) =>
    Object.keys(state.scopes).some((scope) => path === (scope === 'root' ? stepId : `${scope}.${stepId}`));
  const withoutEnded = kept.map((each) => (isOpen(each) ? each : withoutValues(each)));
  if (size(withoutEnded) <= room) return { ...begun, kept: withoutEnded };
  const bare = kept.map(withoutValues);
  if (size(bare) <= room) return { ...begun, kept: bare };
  // Of very long loops not even that iterations have ended.
  const bareOpen = bare.filter(isOpen);
  if (size(bareOpen) <= room) return { ...begun, kept: bareOpen };
  throw ApplicationFailure.nonRetryable(
    'What is recorded of the run is larger than a run may begin with. Start it again from its beginning.',
    forkRefusedFailure,
  );
};

const withoutValues = (whole: StepTransition): StepTransition => {
  const { input: _input, recipe: _recipe, output: _output, ...transition } = whole;
  return transition;
};
