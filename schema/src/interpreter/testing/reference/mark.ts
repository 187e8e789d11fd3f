import type { Json } from '../../../flow/plan.ts';
import type { Failure, StepStatus } from '../../../run/status.ts';
import type { Run, Task } from './tree.ts';

interface Ending {
  readonly output?: Json;
  readonly failure?: Failure;
}

/** The one place where a step's status changes: it is told, and clocks that mean nothing any more are thrown away. */
export const mark = (run: Run, task: Task, status: StepStatus, { output, failure }: Ending = {}): void => {
  task.status = status;
  if (output !== undefined) task.output = output;
  if (failure !== undefined) task.failure = failure;
  for (const purpose of task.alarms.keys()) {
    const lives = purpose === 'limit' ? status === 'running' : status === 'waiting';
    if (!lives) task.alarms.delete(purpose);
  }
  if (status !== 'waiting') delete task.waitsFor;
  run.changed.add(task.within);
  run.requests.push({
    type: 'note',
    path: task.path,
    status,
    ...(output !== undefined && { output }),
    ...(task.failure && { failure: task.failure }),
    ...(task.waitsFor && { waitsFor: task.waitsFor }),
  });
};
