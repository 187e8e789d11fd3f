import { toMilliseconds } from '../../../flow/duration.ts';
import { evaluateCondition, isEqual } from '../../../flow/expression.ts';
import type { Duration, Json, PlanStep } from '../../../flow/plan.ts';
import { toHttpAnswer } from '../../../run/http-answer.ts';
import type { WaitsFor } from '../../../run/waits.ts';
import { beginForEach, beginTry, beginWhile } from './frames.ts';
import { mark } from './mark.ts';
import { badExpression, fail, succeed } from './outcome.ts';
import { close, stopBranches } from './stop.ts';
import { evaluatorIn, type Run, type Task } from './tree.ts';

/** A step's turn has come. */
export const begin = async (run: Run, task: Task): Promise<void> => {
  const { step } = task;
  const evaluator = evaluatorIn(run, task.within);
  const read = async (template: Json): Promise<{ readonly value: Json } | null> => {
    const evaluated = await evaluator.evaluate(template, 'field');
    if (evaluated.ok) return { value: evaluated.value };
    fail(run, task, badExpression);
    return null;
  };
  switch (step.type) {
    case 'action':
    case 'subflow': {
      if (task.undoing?.failure && task.input === undefined) return fail(run, task, badExpression);
      const input = task.input === undefined ? await read(step.input) : { value: task.input };
      return input ? call(run, task, step, input.value) : undefined;
    }
    case 'condition': {
      const holds = await evaluateCondition(step.condition, evaluator, 'condition');
      return holds.ok ? succeed(run, task, holds.value, String(holds.value)) : fail(run, task, badExpression);
    }
    case 'switch': {
      const value = await read(step.value);
      if (!value) return;
      for (const { port, equals } of step.cases) {
        const candidate = await read(equals);
        if (!candidate) return;
        if (isEqual(value.value, candidate.value)) return succeed(run, task, port, port);
      }
      return succeed(run, task, 'default', 'default');
    }
    case 'parallel':
      return succeed(run, task, null);
    case 'merge': {
      const { policy } = step;
      if (policy.join === 'count' && task.taken < policy.count) {
        return fail(run, task, { name: 'not_enough_branches', message: 'Too few branches can arrive.' });
      }
      succeed(run, task, null);
      if (policy.join === 'count' && policy.others === 'cancel') {
        stopBranches(
          run,
          policy.before.flatMap((id) => task.within.tasks.get(id) ?? []),
        );
      }
      return;
    }
    case 'delay': {
      const duration = await read(step.duration);
      return duration ? pause(run, task, run.at + toMilliseconds(duration.value as Duration)) : undefined;
    }
    case 'waitUntil': {
      const until = await read(step.until);
      if (!until) return;
      const moment = typeof until.value === 'string' ? Date.parse(until.value) : Number.NaN;
      if (Number.isNaN(moment)) return fail(run, task, badExpression);
      if (moment <= run.at) return succeed(run, task, { until: new Date(moment).toISOString() });
      return pause(run, task, moment);
    }
    case 'waitForEvent': {
      const key = await read(step.correlationKey);
      if (!key) return;
      return waitForSomething(run, task, step.timeout, {
        type: 'event',
        event: step.event,
        correlationKey: toText(key.value),
      });
    }
    case 'approval':
      return waitForSomething(run, task, step.timeout, {
        type: 'approval',
        subject: step.title,
        message: null,
        fields: [],
        roles: step.roles,
        people: [],
        approvals: step.approvals,
        rejections: step.rejections,
        answers: [],
      });
    case 'setVariables': {
      const values = await read(step.variables);
      if (!values) return;
      run.vars = { ...run.vars, ...(values.value as { readonly [name: string]: Json }) };
      return succeed(run, task, values.value);
    }
    case 'respond': {
      if (run.answeredBy !== null && run.answeredBy !== task.path) {
        return fail(run, task, { name: 'already_responded', message: 'The caller has an answer.' });
      }
      const answer = await read({ status: step.status, headers: step.headers, body: step.body });
      const checked = answer && toHttpAnswer(answer.value as { readonly [field: string]: Json });
      if (!checked) return;
      if (!checked.ok) return fail(run, task, { name: 'response_invalid', message: checked.message });
      run.answeredBy = task.path;
      return succeed(run, task, { ...checked.answer });
    }
    case 'return': {
      const output = await read(step.output);
      return output ? succeed(run, task, output.value) : undefined;
    }
    case 'stop': {
      const value = await read(step.value);
      if (!value) return;
      mark(run, task, 'succeeded', { output: value.value });
      if (step.outcome === 'succeeded') return close(run, { status: 'succeeded', output: value.value });
      return close(run, { status: 'failed', failure: { name: 'stopped', message: JSON.stringify(value.value) } });
    }
    case 'forEach':
      return beginForEach(run, task, step);
    case 'while':
      return beginWhile(run, task, step);
    case 'try':
      return beginTry(run, task);
    case 'trigger':
    case 'finally':
      throw new Error(`Nothing leads to ${task.path}.`);
  }
};

/** Outside: by an activity, or as a run of its own. A repeat has the input that it had. */
const call = (run: Run, task: Task, step: Extract<PlanStep, { type: 'action' | 'subflow' }>, input: Json): void => {
  task.input = input;
  delete task.failure;
  if (step.type === 'subflow') {
    mark(run, task, 'waiting');
    run.requests.push({ type: 'startChild', path: task.path, input });
    return;
  }
  mark(run, task, 'running');
  const { made, free } = task.attempts;
  const { retry, startToCloseTimeout } = step.options;
  run.requests.push({
    type: 'act',
    path: task.path,
    input,
    generation: task.generation,
    begunAgain: task.within.isAgain && task.repeats === 0,
    attemptsBefore: made,
    // A wait that was asked for is no attempt.
    retry: { ...retry, maximumAttempts: Math.max(1, retry.maximumAttempts - (made - free)) },
    timeout: startToCloseTimeout,
  });
};

const toText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const pause = (run: Run, task: Task, until: number): void => {
  delete task.failure;
  mark(run, task, 'waiting');
  task.alarms.set('delay', until);
};

const waitForSomething = async (run: Run, task: Task, timeout: Json, waitsFor: WaitsFor): Promise<void> => {
  delete task.failure;
  task.waitsFor = waitsFor;
  mark(run, task, 'waiting');
  if (typeof timeout === 'string') task.alarms.set('timeout', run.at + toMilliseconds(timeout as Duration));
};
