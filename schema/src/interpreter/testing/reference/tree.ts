import { createEvaluator, type Evaluator, type ExpressionScope, type VisibleStep } from '../../../flow/expression.ts';
import type { Json, Plan, PlanStep } from '../../../flow/plan.ts';
import type { Failure, RunStatus, StepStatus } from '../../../run/status.ts';
import type { WaitsFor } from '../../../run/waits.ts';
import type { Request } from './subject.ts';

/** A step in one instance of the region in which it stands. */
export interface Task {
  readonly step: PlanStep;
  readonly within: Instance;
  readonly path: string;
  status: StepStatus;
  /** Edges into it of which nothing is known yet, and those that were taken. */
  hanging: number;
  taken: number;
  isReady: boolean;
  input?: Json;
  output?: Json;
  failure?: Failure;
  generation: number;
  /** How often a person has begun it again. */
  repeats: number;
  /** Told to stop while all around it goes on. */
  isStopped: boolean;
  alarms: Map<'delay' | 'timeout' | 'defer' | 'park' | 'limit', number>;
  waitsFor?: WaitsFor;
  deferrals: number;
  attempts: { made: number; free: number };
  loop?: Loop;
  undoing?: { readonly generation: number; readonly failure?: Failure };
}

export interface Loop {
  readonly items: readonly Json[] | null;
  next: number;
  readonly results: Map<number, Json>;
  readonly failed: { readonly index: number; readonly failure: Failure }[];
  stopped: Failure | null;
}

/** The flow itself, a try, or one iteration of a loop. */
export interface Instance {
  readonly path: string;
  readonly region: string;
  readonly owner: Task | null;
  readonly tasks: Map<string, Task>;
  readonly index?: number;
  readonly item?: Json;
  /** It stands in a frame that a person has begun again. */
  readonly isAgain: boolean;
  /** Has ended before; opened for one undo step. */
  readonly isForUndo: boolean;
  isStopping: boolean;
  failure: Failure | null;
}

/** Something done that could be undone. */
export interface Done {
  readonly instance: string;
  readonly undo: string;
  readonly generation: number;
  readonly kept?: { readonly generation: number; readonly input?: Json; readonly failure?: Failure };
}

export interface Closing {
  readonly status: 'succeeded' | 'failed' | 'cancelled';
  readonly output?: Json;
  readonly failure?: Failure;
}

export interface Run {
  readonly plan: Plan;
  readonly id: string;
  readonly root: Instance;
  readonly open: Map<string, Instance>;
  at: number;
  startedAt: number;
  trigger: Json;
  status: RunStatus;
  vars: { readonly [name: string]: Json };
  ready: Task[];
  /** Instances in which something has changed, in the order in which it did. */
  readonly changed: Set<Instance>;
  done: Done[];
  /** By path: what stands although its frame may be begun again. */
  readonly memory: Map<string, { readonly generation: number; readonly input?: Json }>;
  readonly events: Set<string>;
  /** The step that has answered the caller. */
  answeredBy: string | null;
  closing: Closing | null;
  runLimit: number | null;
  requests: Request[];
  told: Request[];
}

export const isUndo = (step: PlanStep): boolean => step.type === 'action' && step.undoes !== undefined;

export const isOver = ({ status }: Task): boolean => ['succeeded', 'skipped', 'failed', 'cancelled'].includes(status);

export const isWithin = (instance: string, around: string): boolean =>
  around === 'root' || instance === around || instance.startsWith(`${around}.`);

export const pathIn = (instance: string, id: string): string => (instance === 'root' ? id : `${instance}.${id}`);

export const createTask = (run: Pick<Run, 'plan' | 'memory'>, within: Instance, id: string): Task => {
  const step = run.plan.steps[id];
  if (!step) throw new Error(`No step ${id}.`);
  const path = pathIn(within.path, id);
  const known = within.owner ? run.memory.get(path) : undefined;
  return {
    step,
    within,
    path,
    status: 'pending',
    hanging: run.plan.edges.filter(({ to }) => to === id).length,
    taken: 0,
    isReady: false,
    generation: known?.generation ?? 1,
    ...(known?.input !== undefined && { input: known.input }),
    repeats: 0,
    isStopped: false,
    alarms: new Map(),
    deferrals: 0,
    attempts: { made: 0, free: 0 },
  };
};

export const createInstance = (
  run: Pick<Run, 'plan' | 'memory'>,
  { path, region, owner, ...subject }: Pick<Instance, 'path' | 'region' | 'owner' | 'index' | 'item'>,
): Instance => {
  const instance: Instance = {
    path,
    region,
    owner,
    ...subject,
    tasks: new Map(),
    isAgain: owner !== null && (owner.repeats > 0 || owner.within.isAgain),
    isForUndo: false,
    isStopping: false,
    failure: null,
  };
  for (const id of run.plan.regions[region]?.steps ?? []) instance.tasks.set(id, createTask(run, instance, id));
  return instance;
};

export const allTasks = (run: Run): readonly Task[] =>
  [...run.open.values()].flatMap(({ tasks }) => [...tasks.values()]);

export const taskAt = (run: Run, path: string): Task | undefined => {
  const dot = path.lastIndexOf('.');
  return run.open.get(dot === -1 ? 'root' : path.slice(0, dot))?.tasks.get(path.slice(dot + 1));
};

/** What expressions read: what has ended in an instance and in those around it, and the iterations it stands in. */
export const evaluatorIn = (
  run: Run,
  instance: Instance,
  more: Pick<ExpressionScope, 'loop' | 'event'> = {},
): Evaluator => {
  const steps: { [id: string]: VisibleStep } = {};
  let iteration: Instance | null = null;
  for (let each: Instance | undefined = instance; each; each = each.owner?.within) {
    for (const [id, { output, failure }] of each.tasks) {
      if (output === undefined && failure === undefined) continue;
      steps[id] = {
        ...(output !== undefined && { output }),
        ...(failure && { failure: { name: failure.name, message: failure.message } }),
      };
    }
    if (each.owner && each.index !== undefined) {
      iteration ??= each;
      steps[each.owner.step.id] = { index: each.index, ...(each.item !== undefined && { item: each.item }) };
    }
  }
  const count = iteration?.owner?.loop?.items?.length;
  const scope: ExpressionScope = {
    trigger: run.trigger,
    steps,
    vars: run.vars,
    env: {},
    run: { id: run.id, url: '', flowName: run.plan.title, startedAt: new Date(run.startedAt).toISOString() },
    ...(iteration?.item !== undefined && { item: iteration.item }),
    ...(iteration?.index !== undefined && {
      loop: { index: iteration.index, ...(count !== undefined && { count }) },
    }),
    ...more,
  };
  return createEvaluator({ scope, context: { now: run.at, seed: 1 } });
};
