import { toMilliseconds } from '../../../flow/duration.ts';
import type { Json, Plan, PlanStep } from '../../../flow/plan.ts';
import { effectOf } from '../../../flow/resolve-effect.ts';
import type { Failure } from '../../../run/status.ts';
import type { Approver, EventWait, WaitsFor } from '../../../run/waits.ts';
import type { Happening, PersonalAct, Request, Subject } from './subject.ts';

/** How one attempt of an activity ends, and how long it takes, in ms. */
export interface Outcome {
  readonly ends: 'well' | 'broken' | 'refused' | 'unsure' | 'later';
  readonly takes: number;
}

export interface Visit {
  readonly brings: 'event' | 'wrongEvent' | 'approval' | 'rejection' | 'skip' | 'complete';
  readonly after: number;
}

export type Decision = 'retry' | 'edit' | 'complete' | 'skip' | 'failRun' | 'cancelRun' | 'nobody';

/** What the world does to the steps of one node, wherever and however often it runs. */
export interface NodeScript {
  /** One attempt after the other; those behind the last end well. */
  readonly outcomes: readonly Outcome[];
  /** What comes while it waits for something from outside. */
  readonly visits: readonly Visit[];
  /** What a person decides, one time after the other, when it has parked. */
  readonly decisions: readonly Decision[];
  /** Ends as it would have although it is told to stop. */
  readonly isStubborn: boolean;
}

export interface Script {
  readonly nodes: { readonly [stepId: string]: NodeScript };
  /** Somebody cancels the run so many ms after its start. */
  readonly cancelAfter: number | null;
}

/** All that can be seen of a run from outside. */
export interface Trace {
  /** By run: `run`, `run/each[1].sub#1`. */
  readonly runs: { readonly [key: string]: RunTrace };
  /** Activities and sub-flows in the order in which they were begun, with what makes their effect's key. */
  readonly begun: readonly string[];
  /** Those that were told to stop. */
  readonly stopped: readonly string[];
}

export interface RunTrace {
  readonly statuses: readonly string[];
  readonly end: string;
  /** By path: what became of the step, one thing after the other. */
  readonly steps: { readonly [path: string]: readonly string[] };
}

interface Pending {
  readonly at: number;
  readonly key: string;
  readonly run: string;
  readonly happening: Happening;
  /** Still meant? Asked when its time has come. */
  readonly isMeant?: () => boolean;
}

interface Hosted {
  readonly plan: Plan;
  readonly subject: Subject;
  readonly parent: { readonly run: string; readonly path: string; readonly isWaiting: boolean } | null;
  readonly statuses: string[];
  readonly steps: { [path: string]: string[] };
  readonly current: Map<string, string>;
  end: string;
}

/** What every run begins with. */
export const given: Json = { list: [7, 8], text: 'go' };

/** When every run begins. */
export const epoch = Date.UTC(2026, 2, 1);
const mostEvents = 5_000;

/** A number between 0 and 1 that always is the same for the same text. */
export const luck = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
};

const broken = { name: 'broken', message: 'It broke.' };

/**
 * Lets a run happen on a virtual clock: activities end, people come, time passes, all as the script says and never at
 * one moment in another order, whoever interprets the run.
 */
export const playOut = async (
  plan: Plan,
  script: Script,
  create: (plan: Plan, id: string) => Subject,
  /** After how many events it is left as it is; at its end when absent. */
  events = Number.POSITIVE_INFINITY,
): Promise<Trace> => {
  let now = epoch;
  let queue: Pending[] = [];
  const runs = new Map<string, Hosted>();
  const begun: string[] = [];
  const stopped: string[] = [];
  const counts = new Map<string, number>();
  const count = (what: string): number => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
    return counts.get(what) ?? 0;
  };

  const hosted = (key: string): Hosted => {
    const found = runs.get(key);
    if (!found) throw new Error(`No run ${key}.`);
    return found;
  };
  const stepAt = (key: string, path: string): PlanStep => {
    const step = hosted(key).plan.steps[path.slice(path.lastIndexOf('.') + 1)];
    if (!step) throw new Error(`No step at ${path}.`);
    return step;
  };
  const scriptOf = (key: string, path: string): NodeScript =>
    script.nodes[stepAt(key, path).id] ?? { outcomes: [], visits: [], decisions: [], isStubborn: false };

  const later = (run: string, delay: number, key: string, happening: Happening, isMeant?: () => boolean): void => {
    queue.push({ at: now + Math.max(1, Math.round(delay)), key, run, happening, ...(isMeant && { isMeant }) });
  };

  /** The attempts that Temporal would make, down to the one that decides. */
  const act = (run: string, request: Extract<Request, { type: 'act' }>): void => {
    const { path, input, generation, begunAgain, attemptsBefore, retry, timeout } = request;
    const again = begunAgain ? ' again' : '';
    begun.push(
      `${now - epoch} ${run} ${path} generation ${generation}${again} after ${attemptsBefore}, at most ${retry.maximumAttempts} ${plain(input)}`,
    );
    const { outcomes } = scriptOf(run, path);
    const step = stepAt(run, path);
    let takes = 0;
    for (let attempt = 1; ; attempt += 1) {
      const n = count(`${run} ${path} attempts`);
      const { ends, takes: wanted } = outcomes[n - 1] ?? { ends: 'well', takes: 500 };
      const limit = toMilliseconds(timeout);
      const duration = wanted + Math.floor(luck(`${run} ${path} ${n}`) * 997);
      takes += Math.min(duration, limit);
      const end = (happening: Happening) => later(run, takes, `ends:${path}`, happening);
      const isLate = duration > limit;
      if (!isLate && ends === 'well') {
        return end({ type: 'succeeded', path, output: { from: path, n, list: [n, n + 1] } });
      }
      if (!isLate && ends === 'later') {
        const until = now + takes + Math.floor(luck(`${path} ${n} until`) * 5_000);
        return end({ type: 'deferred', path, until, attempt: attemptsBefore + attempt });
      }
      if (!isLate && ends === 'unsure') return end({ type: 'failed', path, failure: { ...broken, unsure: true } });
      if (!isLate && retry.nonRetryableErrorTypes.includes(ends)) {
        return end({ type: 'failed', path, failure: { name: ends, message: 'It was refused.' } });
      }
      if (attempt >= retry.maximumAttempts) {
        return end({ type: 'failed', path, failure: isLate ? timedOut(step, generation) : broken });
      }
      const pause = toMilliseconds(retry.initialInterval) * retry.backoffCoefficient ** (attempt - 1);
      takes += Math.min(pause, toMilliseconds(retry.maximumInterval));
    }
  };

  const tellToStop = (run: string, path: string): void => {
    if (scriptOf(run, path).isStubborn) return;
    const at = now + 1 + Math.floor(luck(`${run} ${path} stops`) * 3_000);
    queue = queue.map((each) => {
      const isIt = each.run === run && each.key === `ends:${path}` && each.at > at;
      return isIt ? { ...each, at, happening: { type: 'stopped', path } } : each;
    });
  };

  const startChild = async (run: string, path: string, input: Json): Promise<void> => {
    const step = stepAt(run, path);
    if (step.type !== 'subflow') throw new Error(`${path} is no sub-flow.`);
    const key = `${run}/${path}#${count(`${run} ${path} children`)}`;
    begun.push(`${now - epoch} ${key} ${plain(input)}`);
    if (step.mode === 'detach') later(run, 20, `began:${path}`, { type: 'childBegan', path });
    await host(key, step.plan, { run, path, isWaiting: step.mode === 'wait' });
    await tell(key, { type: 'started', trigger: { kind: 'subflow', body: input } });
  };

  const note = (run: string, { path, status, output, failure, waitsFor }: Extract<Request, { type: 'note' }>): void => {
    const { steps, current } = hosted(run);
    const gives = output !== undefined && (status === 'succeeded' || status === 'failed') ? ` ${plain(output)}` : '';
    const why = failure && (status === 'failed' || status === 'needs_attention') ? ` ${failure.name}` : '';
    (steps[path] ??= []).push(`${now - epoch} ${status}${why}${gives}`);
    const before = current.get(path);
    current.set(path, status);
    if (status === 'needs_attention') askPerson(run, path);
    if (status === 'waiting' && waitsFor && before !== 'waiting') expectVisits(run, path, waitsFor);
  };

  const askPerson = (run: string, path: string): void => {
    const n = count(`${run} ${path} parked`);
    const decision = scriptOf(run, path).decisions[n - 1] ?? (n > 4 ? 'skip' : 'retry');
    if (decision === 'nobody') return;
    const isMeant = () =>
      hosted(run).current.get(path) === 'needs_attention' && counts.get(`${run} ${path} parked`) === n;
    const delay = 60_000 + luck(`${run} ${path} ${n} decides`) * 600_000;
    later(run, delay, `person:${path}`, { type: 'person', does: toAct(stepAt(run, path), path, decision) }, isMeant);
  };

  const expectVisits = (run: string, path: string, waitsFor: WaitsFor): void => {
    const n = count(`${run} ${path} waits`);
    const { visits } = scriptOf(run, path);
    const isMeant = () => hosted(run).current.get(path) === 'waiting' && counts.get(`${run} ${path} waits`) === n;
    for (const [index, { brings, after }] of (n > 4 ? [{ brings: 'skip' as const, after: 0 }] : visits).entries()) {
      const happening = toVisit({
        step: stepAt(run, path),
        path,
        waitsFor,
        brings,
        name: `${path} ${n}.${index}`,
        index,
      });
      later(run, after + luck(`${run} ${path} ${n} ${index}`) * 997, `visit${index}:${path}`, happening, isMeant);
    }
  };

  const host = async (key: string, ofPlan: Plan, parent: Hosted['parent']): Promise<void> => {
    const subject = create(ofPlan, `run_${Math.floor(luck(key) * 1e9).toString(16)}`);
    runs.set(key, { plan: ofPlan, subject, parent, statuses: [], steps: {}, current: new Map(), end: '' });
  };

  const tell = async (run: string, happening: Happening): Promise<void> => {
    const { subject, statuses, parent } = hosted(run);
    const requests = await subject.take(happening, now);
    const told: string[] = [];
    for (const request of requests) {
      switch (request.type) {
        case 'act':
          act(run, request);
          break;
        case 'stop':
        case 'stopChild':
          told.push(`${now - epoch} ${run} ${request.path}`);
          if (request.type === 'stop') tellToStop(run, request.path);
          else {
            const child = `${run}/${request.path}#${counts.get(`${run} ${request.path} children`) ?? 0}`;
            later(child, 1, 'cancel', { type: 'cancel' });
          }
          break;
        case 'startChild':
          await startChild(run, request.path, request.input);
          break;
        case 'note':
          note(run, request);
          break;
        case 'noteRun':
          statuses.push(`${now - epoch} ${request.status}`);
          break;
        case 'end': {
          const { status, output, failure } = request;
          hosted(run).end = `${now - epoch} ${status} ${failure?.name ?? ''} ${plain(output ?? null)}`;
          if (parent?.isWaiting) later(parent.run, 1, `child:${parent.path}`, toChildEnd(parent.path, request));
        }
      }
    }
    stopped.push(...told.toSorted());
  };

  await host('run', plan, null);
  await tell('run', { type: 'started', trigger: given });
  if (script.cancelAfter !== null) later('run', script.cancelAfter, 'cancel', { type: 'cancel' });

  for (let turn = 0; ; turn += 1) {
    const alarms = [...runs].flatMap(([run, { subject }]) =>
      subject.alarms().map(({ name, dueAt }): Pending => {
        return { at: dueAt, key: name, run, happening: { type: 'timer', name } };
      }),
    );
    const [next] = [...queue, ...alarms].toSorted(
      (left, right) => left.at - right.at || compare(left.run, right.run) || compare(left.key, right.key),
    );
    if (!next || turn >= events) break;
    if (turn > mostEvents) throw new Error('The run does not end.');
    queue = queue.filter((each) => each !== next);
    now = Math.max(now, next.at);
    if (next.isMeant?.() !== false) await tell(next.run, next.happening);
  }
  const traces = [...runs].map(([key, { statuses, end, steps }]) => [key, { statuses, end, steps }] as const);
  const trace: Trace = { runs: Object.fromEntries(traces), begun, stopped };
  // Ids of sub-flows' runs are each interpreter's own.
  return JSON.parse(JSON.stringify(trace).replaceAll(/run_[0-9a-f]+/g, 'run_0')) as Trace;
};

/** Failures are compared by name: their words are each interpreter's own. */
const plain = (value: Json): string =>
  JSON.stringify(value, (key, member: unknown) => (key === 'message' ? '' : member));

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

const timedOut = (step: PlanStep, generation: number): Failure => {
  const isSure =
    step.type !== 'action' ||
    effectOf(step, generation).effect === 'reads' ||
    effectOf(step, generation).idempotency === 'nature';
  return { name: 'timed_out', message: 'It took too long.', ...(!isSure && { unsure: true }) };
};

const toChildEnd = (path: string, { status, output, failure }: Extract<Request, { type: 'end' }>): Happening => {
  if (status === 'failed') return { type: 'childEnded', path, end: { status, failure: failure ?? broken } };
  if (status === 'cancelled') return { type: 'childEnded', path, end: { status } };
  return { type: 'childEnded', path, end: { status: 'succeeded', output: output ?? null } };
};

export const toAct = (step: PlanStep, path: string, decision: Exclude<Decision, 'nobody'>): PersonalAct => {
  switch (decision) {
    case 'edit':
      return step.type === 'action' ? { act: 'retry', path, input: { edited: path } } : { act: 'retry', path };
    case 'complete':
      return { act: 'complete', path, output: givenFor(step) };
    case 'failRun':
    case 'cancelRun':
      return { act: decision };
    case 'retry':
    case 'skip':
      return { act: decision, path };
  }
};

/** What a person says that a step gave. */
const givenFor = (step: PlanStep): Json => {
  if (step.type === 'condition') return true;
  if (step.type === 'switch') return step.cases[0]?.port ?? 'default';
  if (step.type === 'approval') return { decision: 'rejected' };
  if (step.type === 'respond') return { status: 204, headers: {}, body: null };
  if (step.type !== 'setVariables') return { by: 'hand' };
  return Object.fromEntries(Object.keys(step.variables).map((name) => [name, 'by hand']));
};

interface Coming {
  readonly step: PlanStep;
  readonly path: string;
  readonly waitsFor: Pick<EventWait, 'type' | 'event' | 'correlationKey'> | { readonly type: 'approval' };
  readonly brings: Visit['brings'];
  readonly name: string;
  readonly index: number;
}

export const toVisit = ({ step, path, waitsFor, brings, name, index }: Coming): Happening => {
  if (brings === 'skip') return { type: 'person', does: { act: 'skip', path } };
  if (brings === 'complete') return { type: 'person', does: { act: 'complete', path, output: givenFor(step) } };
  if (waitsFor.type === 'event') {
    const { event, correlationKey } = waitsFor;
    const data = brings === 'wrongEvent' || brings === 'rejection' ? 0 : 5;
    return {
      type: 'event',
      path,
      event: { id: name, name: event, correlationKey, data, receivedAt: '2026-03-01T00:00:00.000Z' },
    };
  }
  const by: Approver = { userId: `user_${index}`, name: `${index}`, role: 'operator', email: null };
  return { type: 'answer', path, decision: brings === 'rejection' ? 'rejected' : 'approved', by };
};
