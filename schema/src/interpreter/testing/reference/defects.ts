import type { Plan, PlanStep } from '../../../flow/plan.ts';
import type { Advanced } from '../../advance.ts';
import type { Command } from '../../command.ts';
import { placeOf } from '../../place.ts';
import type { RunState } from '../../state.ts';
import type { Defect } from './kernel-subject.ts';

type Schedule = Extract<Command, { type: 'scheduleActivity' }>;

const inSteps = (change: (step: PlanStep) => PlanStep): Defect => ({
  plan: (plan) => ({
    ...plan,
    steps: Object.fromEntries(Object.entries(plan.steps).map(([id, step]) => [id, change(step)])),
  }),
});

const inCommands = (change: (command: Command) => readonly Command[]): Defect => ({
  tamper: () => (advanced) => ({ ...advanced, commands: advanced.commands.flatMap(change) }),
});

const inSchedules = (change: (command: Schedule) => Schedule): Defect =>
  inCommands((command) => [command.type === 'scheduleActivity' ? change(command) : command]);

const inState = (change: (state: RunState) => RunState): Defect => ({
  tamper: () => (advanced) => ({ ...advanced, state: change(advanced.state) }),
});

/** The ways out of the first step that has two of them. */
const swapTwoEdges = (plan: Plan): Plan => {
  const first = plan.edges.find(({ from, port }) =>
    plan.edges.some((edge) => edge.from === from && edge.port !== port),
  );
  const second = plan.edges.find(({ from, port }) => from === first?.from && port !== first.port);
  if (!first || !second) return plan;
  const portOf = new Map([
    [first, second.port],
    [second, first.port],
  ]);
  return { ...plan, edges: plan.edges.map((edge) => ({ ...edge, port: portOf.get(edge) ?? edge.port })) };
};

/** What stands in a `finally` is asked for twice, the first time. */
const tidyUpTwice: Defect = {
  tamper: (plan) => {
    const seen = new Set<string>();
    const isFirst = (command: Command): command is Schedule => {
      if (command.type !== 'scheduleActivity' || seen.has(command.path)) return false;
      seen.add(command.path);
      return plan.regions[plan.steps[placeOf(command.path).stepId]?.region ?? '']?.kind === 'finally';
    };
    return (advanced: Advanced) => ({
      ...advanced,
      commands: advanced.commands.flatMap((command): Command[] => (isFirst(command) ? [command, command] : [command])),
    });
  },
};

/** Kernels with one thing wrong each. The comparison must notice every one of them. */
export const defects: { readonly [name: string]: Defect } = {
  'takes two ways out for each other': { plan: swapTwoEdges },
  'begins what is ready in another order': inSteps((step) => ({ ...step, order: -step.order })),
  'forgets one thing that it should undo': inState((state) => ({ ...state, done: state.done?.slice(1) ?? [] })),
  'undoes what was done first': inState((state) => ({
    ...state,
    done: (state.done ?? []).toSorted((left, right) => (left.stepId < right.stepId ? 1 : -1)),
  })),
  'undoes under the wrong key': inSchedules((command) => ({ ...command, generation: 1 })),
  'runs what stands in a finally twice': tidyUpTwice,
  'catches whatever the filter says': inSteps((step) => (step.type === 'try' ? { ...step, catches: null } : step)),
  'stops a loop that should collect': inSteps((step) =>
    step.type === 'forEach' && step.onItemFailure === 'collect' ? { ...step, onItemFailure: 'stop' } : step,
  ),
  'has one item more under way': inSteps((step) =>
    step.type === 'forEach' ? { ...step, concurrency: step.concurrency + 1 } : step,
  ),
  'does not wait for enough branches': inSteps((step) =>
    step.type === 'merge' && step.policy.join === 'count' ? { ...step, policy: { ...step.policy, count: 1 } } : step,
  ),
  'lets branches go on that a merge cancels': inSteps((step) =>
    step.type === 'merge' && step.policy.join === 'count'
      ? { ...step, policy: { ...step.policy, others: 'continue' } }
      : step,
  ),
  'never tells an activity to stop': inCommands((command) => (command.type === 'cancelActivity' ? [] : [command])),
  'never tells a sub-flow to stop': inCommands((command) => (command.type === 'cancelChild' ? [] : [command])),
  'counts a wait that was asked for as an attempt': inSchedules((command) => ({
    ...command,
    options: {
      ...command.options,
      retry: {
        ...command.options.retry,
        maximumAttempts: Math.max(1, command.options.retry.maximumAttempts - (command.attemptsBefore ?? 0)),
      },
    },
  })),
  'rings one millisecond late': inCommands((command) => [
    command.type === 'startTimer' ? { ...command, dueAt: command.dueAt + 1 } : command,
  ]),
  'asks for the wrong number of approvals': inSteps((step) =>
    step.type === 'approval' ? { ...step, approvals: 1 } : step,
  ),
  'undoes nothing when it is cancelled': {
    plan: (plan) => ({ ...plan, settings: { ...plan.settings, compensateOnCancel: false } }),
  },
  'continues where it should park': inSteps((step) =>
    step.type === 'action' && step.onFailure === 'park' ? { ...step, onFailure: 'continue' } : step,
  ),
};
