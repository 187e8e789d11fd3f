import { availableParallelism } from 'node:os';
import { taskQueues } from '@everwave/schema/run';

export type QueueName = keyof typeof taskQueues;

/** A task queue that a worker serves. */
export interface ServedQueue {
  readonly name: QueueName;
  /** Steps of this queue that the worker executes at the same time. */
  readonly stepsAtOnce: number;
}

const names = Object.keys(taskQueues) as QueueName[];
const mostStepsAtOnce = 1000;

/** Steps at once unless the operator says otherwise. Code runs on this machine's cores; the others mostly wait. */
const defaultSteps: { readonly [name in QueueName]: () => number } = {
  flow: () => 100,
  heavy: () => 4,
  code: () => Math.max(2, availableParallelism()),
  money: () => 20,
};

/** Every queue that a plan can name: what one worker on its own has to serve. */
export const allQueues = (): readonly ServedQueue[] =>
  names.map((name) => ({ name, stepsAtOnce: defaultSteps[name]() }));

/** `flow, code:4` → the two queues, the second with four steps at once. Throws an `Error` that says what is wrong. */
export const parseQueues = (text: string): readonly ServedQueue[] => {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return allQueues();
  const queues = entries.map(parseQueue);
  const twice = queues.find(({ name }, index) => queues.findIndex((other) => other.name === name) !== index);
  if (twice) throw new Error(`${twice.name} stands here twice.`);
  return queues;
};

const parseQueue = (entry: string): ServedQueue => {
  const [name = '', steps] = entry.split(':').map((part) => part.trim());
  if (!isQueueName(name)) throw new Error(`There is no queue ${JSON.stringify(name)}. There are: ${names.join(', ')}.`);
  if (steps === undefined) return { name, stepsAtOnce: defaultSteps[name]() };
  const stepsAtOnce = Number(steps);
  if (!/^\d+$/.test(steps) || stepsAtOnce < 1 || stepsAtOnce > mostStepsAtOnce) {
    throw new Error(`Behind ${name}: stands the number of steps at once, 1 to ${mostStepsAtOnce}, not "${steps}".`);
  }
  return { name, stepsAtOnce };
};

const isQueueName = (name: string): name is QueueName => (names as string[]).includes(name);
