import type { EvaluationReply, EvaluationRequest } from '../flow/expression/evaluation-request.ts';
import { seedFor } from '../flow/expression/random.ts';
import type { ActionStep } from '../flow/plan.ts';
import { evaluateActivity, type ValueReference } from '../run/large-value.ts';
import type { KernelEvent } from './event.ts';
import type { NeedsValue } from './needs-value.ts';
import { failStep, succeedStep, succeedWith } from './outcome.ts';
import { ofScope, pathOf, type Place, scopeMark } from './place.ts';
import { isStopping, scopeAt } from './scopes.ts';
import type { Evaluations, Resolved } from './state.ts';
import { changeStep, planStepAt, setStep, stepAt, type Turn } from './turn.ts';
import type { Composed } from './value.ts';

type Succeeded = Extract<KernelEvent, { type: 'stepSucceeded' }>;

/** It reads what is stored and computes: whatever goes wrong may be tried again. */
export const evaluationOptions: ActionStep['options'] = {
  taskQueue: 'flow',
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '1h',
  retry: {
    initialInterval: '1s',
    backoffCoefficient: 2,
    maximumInterval: '1m',
    maximumAttempts: 20,
    nonRetryableErrorTypes: [],
  },
};

/** The step goes on when its value has come: its beginning is then done once more. */
export const evaluateForStep = (turn: Turn, place: Place, { field, request }: NeedsValue): void =>
  scheduleForStep(turn, place, begun(turn, stepAt(turn, place).evaluations, field), request);

/** The step's output: the value put together, by an activity where parts of it are kept outside of the run. */
export const succeedComposed = (turn: Turn, place: Place, { value, placed, whole }: Composed): void => {
  if (whole) return succeedWith(turn, place, { large: whole });
  if (placed.length === 0) return succeedStep(turn, place, value);
  const evaluations = begun(turn, stepAt(turn, place).evaluations, 'output');
  scheduleForStep(
    turn,
    place,
    { ...evaluations, isOutput: true },
    {
      work: { type: 'compose' },
      scope: { value },
      references: placed.map((each) => ({ ...each, path: ['value', ...each.path] })),
      now: turn.at,
      seed: seedFor(turn.state.seed, pathOf(place)),
    },
  );
};

/** The step's output: a value that another run keeps. From here on this run keeps it too. */
export const succeedAdopted = (turn: Turn, place: Place, reference: ValueReference): void =>
  scheduleForStep(
    turn,
    place,
    { ...begun(turn, stepAt(turn, place).evaluations, 'output'), isOutput: true },
    {
      work: { type: 'adopt', reference },
      scope: {},
      references: [],
      now: turn.at,
      seed: seedFor(turn.state.seed, pathOf(place)),
    },
  );

const begun = (turn: Turn, known: Evaluations | undefined, field: string): Evaluations => ({
  at: known?.at ?? turn.at,
  count: (known?.count ?? 0) + 1,
  field,
  done: known?.done ?? {},
});

const scheduleForStep = (turn: Turn, place: Place, evaluations: Evaluations, request: EvaluationRequest): void => {
  const { ordinal } = changeStep(turn, place, { status: 'running', evaluations }, [
    'failure',
    'attempts',
    'dueAt',
    'child',
  ]);
  const path = pathOf(place);
  schedule(turn, {
    path,
    ordinal,
    activityId: `${ordinal === 1 ? path : `${path}~${ordinal}`}!${evaluations.count}`,
    title: planStepAt(turn, place).title,
    request,
  });
};

interface Scheduled {
  readonly path: string;
  readonly ordinal: number;
  readonly activityId: string;
  readonly title: string;
  readonly request: EvaluationRequest;
}

const schedule = (turn: Turn, { path, ordinal, activityId, title, request }: Scheduled): void => {
  turn.evaluators.push({ spent: 0, bytes: JSON.stringify(request).length });
  turn.commands.push({
    type: 'scheduleActivity',
    path,
    ordinal,
    activityId,
    title: `Values for: ${title}`,
    activity: evaluateActivity,
    options: evaluationOptions,
    lane: 'durable',
    input: null,
    evaluate: request,
    connectionId: null,
    generation: 1,
  });
};

const toResolved = ({ output, large }: Succeeded): Resolved => {
  const reply = output as unknown as EvaluationReply;
  if (!reply.ok) return { error: reply.error };
  if (large) return { large };
  return reply.value === undefined ? {} : { value: reply.value };
};

const ended = ({ at, count, done }: Evaluations, field: string, resolved: Resolved): Evaluations => ({
  at,
  count,
  done: { ...done, [field]: resolved },
});

/** An evaluation for a step has ended: it begins again with the result, or that is its output. */
export const takeEvaluated = (turn: Turn, place: Place, event: Succeeded): void => {
  const { evaluations, ...step } = stepAt(turn, place);
  const field = evaluations?.field;
  if (!evaluations || field === undefined) return;
  const resolved = toResolved(event);
  if (isStopping(turn, place)) {
    changeStep(turn, place, { status: 'cancelled' }, ['loop']);
  } else if (!evaluations.isOutput) {
    setStep(turn, place, { ...step, status: 'pending', evaluations: ended(evaluations, field, resolved) });
    turn.state.ready.push(place);
  } else if ('error' in resolved) {
    failStep(turn, place, { name: 'expression_failed', message: resolved.error.message });
  } else succeedWith(turn, place, 'large' in resolved ? resolved : { output: resolved.value ?? null });
};

export const evaluateForScope = (turn: Turn, scopePath: string, { field, request }: NeedsValue): void => {
  const scope = scopeAt(turn, scopePath);
  scope.evaluations = begun(turn, scope.evaluations, field);
  const path = ofScope(scopePath);
  const { count: ordinal } = scope.evaluations;
  const title = scope.owner ? planStepAt(turn, scope.owner).title : scopePath;
  schedule(turn, { path, ordinal, activityId: `${path}${ordinal}`, title, request });
};

type Ended = Extract<KernelEvent, { type: 'stepSucceeded' | 'stepFailed' | 'stepCancelled' }>;

/** An evaluation about a scope has ended: its frame takes it up again. False when the event is about something else. */
export const takeScopeEvaluated = (turn: Turn, event: Ended): boolean => {
  if (!event.path.endsWith(scopeMark)) return false;
  const scopePath = event.path.slice(0, -scopeMark.length);
  const scope = Object.hasOwn(turn.state.scopes, scopePath) ? turn.state.scopes[scopePath] : undefined;
  const { field, count } = scope?.evaluations ?? {};
  if (!scope?.evaluations || field === undefined || count !== event.ordinal) return true;
  const failed =
    event.type === 'stepFailed' ? event.failure.message : 'The activity was cancelled from outside the run.';
  const resolved: Resolved =
    event.type === 'stepSucceeded' ? toResolved(event) : { error: { code: 'failed', field, message: failed } };
  scope.evaluations = ended(scope.evaluations, field, resolved);
  turn.touched.add(scopePath);
  return true;
};
