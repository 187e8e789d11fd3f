import type { Plan } from '@everwave/schema/flow';
import type { KernelEvent } from '@everwave/schema/interpreter';
import type {
  Happening,
  PersonalAct,
  Request,
  Subject,
} from '../../schema/src/interpreter/testing/reference/subject.ts';

type Of<Type extends Request['type']> = Extract<Request, { readonly type: Type }>;

type Act = Of<'act'> & { hasEnded: boolean };

/** What must have become of a run in which these things have happened, in this order. */
export interface Foretold {
  readonly steps: { readonly [path: string]: Of<'note'> };
  readonly end: Of<'end'> | null;
  readonly acts: readonly Act[];
  /** Undo steps of which the second was begun when the first had ended. */
  readonly undone: readonly (readonly [before: Act, after: Act])[];
  /** Undo steps that have ended. */
  readonly undos: number;
}

/** Tells an interpreter what has happened in a run, as its history has it. */
export const foretell = async (
  plan: Plan,
  create: (plan: Plan, id: string) => Subject,
  events: readonly KernelEvent[],
): Promise<Foretold> => {
  const subject = create(plan, 'run_0');
  const steps: { [path: string]: Of<'note'> } = {};
  const acts: Act[] = [];
  const undone: (readonly [Act, Act])[] = [];
  let lastUndone: Act | null = null;
  let end: Of<'end'> | null = null;
  for (const event of events) {
    const happening = toHappening(event);
    if (!happening) continue;
    if (happening.type === 'timer') {
      // One that has been called off may ring all the same: then nobody waits for it.
      const isMeant = subject.alarms().some(({ name, dueAt }) => name === happening.name && dueAt <= event.at + 20);
      if (!isMeant) continue;
    }
    if ('path' in happening && ['succeeded', 'failed', 'deferred'].includes(happening.type)) {
      const act = acts.findLast(({ path }) => path === happening.path);
      if (!act) throw new Error(`${happening.path} ended, and nobody had begun it.`);
      act.hasEnded = true;
      if (isUndo(plan, act.path)) lastUndone = act;
    }
    for (const request of await subject.take(happening, event.at)) {
      if (request.type === 'note') {
        const { output, failure } = { ...steps[request.path], ...request };
        steps[request.path] = { ...request, ...(output !== undefined && { output }), ...(failure && { failure }) };
      }
      if (request.type === 'end') end = request;
      if (request.type !== 'act') continue;
      const act = { ...request, hasEnded: false };
      if (lastUndone && lastUndone.path !== act.path && isUndo(plan, act.path)) undone.push([lastUndone, act]);
      acts.push(act);
    }
  }
  const begun = undone.filter(([, after]) => after.hasEnded);
  const undos = acts.filter(({ path, hasEnded }) => hasEnded && isUndo(plan, path)).length;
  return { steps, end, acts, undone: begun, undos };
};

const isUndo = ({ steps }: Plan, path: string): boolean => {
  const step = steps[path.slice(path.lastIndexOf('.') + 1)];
  return step?.type === 'action' && step.undoes !== undefined;
};

const toHappening = (event: KernelEvent): Happening | null => {
  switch (event.type) {
    case 'started':
      return { type: 'started', trigger: event.trigger };
    case 'stepSucceeded':
      return { type: 'succeeded', path: event.path, output: event.output };
    case 'stepFailed':
      return { type: 'failed', path: event.path, failure: event.failure };
    case 'stepDeferred':
      return { type: 'deferred', path: event.path, until: event.until, attempt: event.attempt ?? 1 };
    case 'stepCancelled':
      return { type: 'stopped', path: event.path };
    case 'childStarted':
      return { type: 'childBegan', path: event.path };
    case 'childEnded': {
      const { end } = event;
      const given = end.status === 'succeeded' ? { ...end, output: end.output ?? null } : end;
      return { type: 'childEnded', path: event.path, end: given };
    }
    case 'timerFired':
      return { type: 'timer', name: event.timerId.replace(/:\d+$/, '') };
    case 'eventArrived':
      return { type: 'event', path: event.path, event: event.event };
    case 'approvalAnswered':
      return { type: 'answer', path: event.answer.path, decision: event.answer.decision, by: event.by };
    case 'repaired':
      return { type: 'person', does: toPersonalAct(event.repair) };
    case 'cancelRequested':
      return { type: 'cancel' };
    case 'batchReported':
    case 'batchEnded':
    case 'batchStopped':
    case 'stepLeftLane':
    case 'superseded':
    case 'resumed':
    case 'startRefused':
      throw new Error(`${event.type} is nothing that happens to these drawings.`);
  }
};

const toPersonalAct = (repair: Extract<KernelEvent, { type: 'repaired' }>['repair']): PersonalAct => {
  switch (repair.action) {
    case 'retryStep':
      return { act: 'retry', path: repair.path, ...(repair.input !== undefined && { input: repair.input }) };
    case 'completeStep':
      return { act: 'complete', path: repair.path, output: repair.output };
    case 'skipStep':
      return { act: 'skip', path: repair.path };
    case 'failRun':
      return { act: 'failRun' };
    case 'cancelRun':
      return { act: 'cancelRun' };
  }
};
