import { advance, createState, type KernelEvent } from '@everwave/schema/interpreter';
import { chainGraph, compileGraph } from '../flows.ts';
import { median } from '../statistics.ts';
import { manually } from './lanes.ts';

/** Milliseconds of CPU the kernel takes per step of a chain of `steps` actions: the median of so many runs. */
export const measureKernel = async (steps: number, runs: number): Promise<number> => {
  const plan = compileGraph('flow_kernel', 'Kernel', chainGraph(steps));
  const execute = async (): Promise<void> => {
    let state = createState(plan);
    const events: KernelEvent[] = [
      {
        type: 'started',
        at: 0,
        triggerStepId: 'begin',
        trigger: manually({ count: 0 }),
        run: { id: 'run', url: 'http://127.0.0.1', flowName: 'Kernel' },
        seed: 1,
      },
    ];
    let output: unknown;
    for (let event = events.shift(); event; event = events.shift()) {
      const advanced = await advance(plan, state, event);
      state = advanced.state;
      for (const command of advanced.commands) {
        if (command.type === 'closeRun') output = command.output;
        if (command.type !== 'scheduleActivity') continue;
        const { path, ordinal, input } = command;
        const { fields } = input as { fields: { count: number } };
        events.push({ type: 'stepSucceeded', at: event.at + 1, path, ordinal, output: { value: fields } });
      }
    }
    if (output !== steps) throw new Error(`The kernel counted to ${JSON.stringify(output)} instead of ${steps}.`);
  };

  // The first runs are compiled while they run; a worker does that once in its life.
  for (let run = 0; run < 3; run += 1) await execute();
  const costs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    const before = process.cpuUsage();
    await execute();
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1000 / steps);
  }
  return median(costs);
};
