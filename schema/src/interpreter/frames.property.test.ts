import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isClosed } from '../run/status.ts';
import { advance } from './advance.ts';
import { checkRepair } from './check-repair.ts';
import type { Command } from './command.ts';
import { createState } from './create-state.ts';
import type { KernelEvent } from './event.ts';
import { pathOf, placeOf } from './place.ts';
import type { RunState } from './state.ts';
import { anyFramedScenario, type FramedScenario, namesOf, type Part, type Row } from './testing/any-frames.ts';

/** How a row of steps ends, and the activities that must run when nothing is stopped early. */
interface Foretold {
  readonly ends: 'done' | 'failed' | 'parked';
  readonly activities: readonly string[];
}

/**
 * Says, without looking at how the kernel does it, how a row ends whatever the order of events: what fails ends the
 * nearest frame that takes failures, and waits for a person where there is none. A row at once fails when one of it
 * fails, also when another waits for a person. Behind a try that has caught something the row is not gone on with.
 */
const foretell = (row: Row): Foretold => {
  const nameOf = namesOf();
  const names = new Map<Part | Row, string>();
  const nameAll = ({ parts }: Row): void => {
    for (const part of parts) {
      names.set(part, nameOf(part));
      if (part.type !== 'action') nameAll(part.body);
      if (part.type === 'try' && part.cleanup) {
        names.set(part.cleanup, nameOf({ type: 'finally' }));
        nameAll(part.cleanup);
      }
    }
  };
  nameAll(row);

  const ofRow = ({ atOnce, parts }: Row, scope: string, isCaught: boolean): Foretold => {
    const activities: string[] = [];
    let ends: Foretold['ends'] = 'done';
    for (const part of parts) {
      const { caught, ...foretold } = ofPart(part, `${scope}${names.get(part)}`, isCaught);
      activities.push(...foretold.activities);
      if (foretold.ends === 'failed') ends = 'failed';
      else if (foretold.ends === 'parked' && ends === 'done') ends = 'parked';
      if (!atOnce && (foretold.ends !== 'done' || caught)) break;
    }
    return { ends, activities };
  };

  const ofPart = (part: Part, path: string, isCaught: boolean): Foretold & { readonly caught?: boolean } => {
    switch (part.type) {
      case 'action':
        if (part.ends === 'well') return { ends: 'done', activities: [path] };
        return { ends: isCaught ? 'failed' : 'parked', activities: [path] };
      case 'forEach': {
        const takes = part.onItemFailure !== 'park';
        const items = Array.from({ length: part.count }, (_, at) =>
          ofRow(part.body, `${path}[${at}].`, isCaught || takes),
        );
        const activities = items.flatMap((item) => item.activities);
        const failed = items.some(({ ends }) => ends === 'failed');
        if (failed && part.onItemFailure === 'stop') return { ends: isCaught ? 'failed' : 'parked', activities };
        if (failed && part.onItemFailure === 'park') return { ends: 'failed', activities };
        return { ends: items.some(({ ends }) => ends === 'parked') ? 'parked' : 'done', activities };
      }
      case 'while': {
        const activities: string[] = [];
        for (let at = 0; at < part.times; at += 1) {
          const iteration = ofRow(part.body, `${path}[${at}].`, isCaught);
          activities.push(...iteration.activities);
          if (iteration.ends !== 'done') return { ends: iteration.ends, activities };
        }
        return { ends: 'done', activities };
      }
      case 'try': {
        const body = ofRow(part.body, `${path}.`, true);
        const cleanup = part.cleanup
          ? ofRow(part.cleanup, `${path}.${names.get(part.cleanup)}.`, false).activities
          : [];
        const activities = body.ends === 'parked' ? body.activities : [...body.activities, ...cleanup];
        if (body.ends === 'failed') return { ends: 'done', activities, caught: true };
        return { ends: body.ends, activities };
      }
    }
  };
  return ofRow(row, '', false);
};

interface Played {
  readonly state: RunState;
  readonly commands: readonly Command[];
}

interface PlayOptions {
  readonly asText?: boolean;
  /** An event of its own before the next one. */
  readonly disturb?: (state: RunState, turn: number) => KernelEvent | null;
}

const play = async (
  { plan, failing, choices }: FramedScenario,
  { asText, disturb }: PlayOptions = {},
): Promise<Played> => {
  let state = createState(plan);
  const commands: Command[] = [];
  const asked = new Set<string>();
  const feed = async (event: KernelEvent): Promise<void> => {
    const advanced = await advance(plan, state, event);
    state = asText ? (JSON.parse(JSON.stringify(advanced.state)) as RunState) : advanced.state;
    if (asText) expect(state).toStrictEqual(advanced.state);
    commands.push(...advanced.commands);
    for (const command of advanced.commands)
      if (command.type === 'cancelActivity') asked.add(`${command.path}~${command.ordinal}`);
  };
  const run = { id: 'run_1', url: '', flowName: 'Any' };
  await feed({ type: 'started', at: 0, triggerStepId: 'start', trigger: null, run, seed: 3 });
  for (let turn = 0; turn < 2_000 && !isClosed(state.status); turn += 1) {
    const disturbance = disturb?.(state, turn);
    if (disturbance) {
      await feed(disturbance);
      continue;
    }
    const running = Object.entries(state.scopes).flatMap(([scope, { steps }]) =>
      Object.entries(steps).flatMap(([stepId, { status, ordinal }]) =>
        status === 'running' && plan.steps[stepId]?.type === 'action'
          ? [{ path: pathOf({ scope, stepId }), ordinal }]
          : [],
      ),
    );
    if (running.length === 0) break;
    const choice = running[(choices[turn % choices.length] ?? 0) % running.length];
    if (!choice) break;
    const { path, ordinal } = choice;
    if (asked.has(`${path}~${ordinal}`)) await feed({ type: 'stepCancelled', at: 0, path, ordinal });
    else if (failing.has(placeOf(path).stepId) && ordinal === 1) {
      await feed({
        type: 'stepFailed',
        at: 0,
        path,
        ordinal,
        failure: { name: 'broken', message: 'It broke.' },
        attempts: 3,
      });
    } else await feed({ type: 'stepSucceeded', at: 0, path, ordinal, output: path });
  }
  return { state, commands };
};

const activitiesOf = ({ commands }: Played): readonly string[] =>
  commands.flatMap((command) => (command.type === 'scheduleActivity' ? [command.activityId] : []));
const transitionsOf = ({ commands }: Played) =>
  commands.flatMap((command) => (command.type === 'reportStep' ? [command.transition] : []));

describe('for any frames in frames, any outcomes and any order of events', () => {
  it('the run ends as a plain reading of the drawing says, and runs no other activities', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, async (scenario) => {
        const foretold = foretell(scenario.row);
        const played = await play(scenario);
        expect(played.state.status).toBe(foretold.ends === 'done' ? 'succeeded' : 'needs_attention');
        const activities = activitiesOf(played);
        expect(new Set(activities).size).toBe(activities.length);
        if (scenario.failing.size === 0) expect(activities.toSorted()).toEqual(foretold.activities.toSorted());
        else expect(foretold.activities).toEqual(expect.arrayContaining([...activities]));
        if (!isClosed(played.state.status)) return;
        expect(Object.keys(played.state.scopes)).toEqual(['root']);
        expect(played.state.timers).toEqual({});
      }),
      { numRuns: 400 },
    );
  });

  it('a run that is written down and read between any two events is the same run', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, async (scenario) => {
        const kept = await play(scenario);
        const read = await play(scenario, { asText: true });
        expect(read.commands).toEqual(kept.commands);
      }),
      { numRuns: 100 },
    );
  });

  it('a run that is cancelled at any moment ends as cancelled, after each finally whose try had begun, once', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, fc.nat(15), async (scenario, moment) => {
        const played = await play(scenario, {
          disturb: (state, turn) => (turn === moment && !state.closing ? { type: 'cancelRequested', at: 0 } : null),
        });
        if (played.state.status === 'needs_attention') return;
        expect(['cancelled', 'succeeded']).toContain(played.state.status);
        const transitions = transitionsOf(played);
        const begun = transitions.filter(
          ({ stepId, status }) => scenario.plan.steps[stepId]?.type === 'try' && status === 'running',
        );
        for (const { path, stepId } of begun) {
          const cleanup = scenario.plan.regions[stepId]?.steps.find(
            (id) => scenario.plan.steps[id]?.type === 'finally',
          );
          if (!cleanup) continue;
          const ends = transitions.filter((each) => each.path === `${path}.${cleanup}` && each.status === 'succeeded');
          expect(ends).toHaveLength(1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('a parked run can be repaired until it ends well', async () => {
    const by = { userId: 'u', name: 'Ada', role: 'owner' };
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, async (scenario) => {
        const played = await play(scenario, {
          disturb: (state) => {
            for (const [scope, { steps }] of Object.entries(state.scopes)) {
              const parked = Object.entries(steps).find(([, { status }]) => status === 'needs_attention');
              if (!parked) continue;
              const [stepId] = parked;
              const path = pathOf({ scope, stepId });
              const repair = { action: 'retryStep', path } as const;
              expect(checkRepair(scenario.plan, state, repair)).toEqual({ ok: true });
              return { type: 'repaired', at: 0, repair, by };
            }
            return null;
          },
        });
        expect(played.state.status).toBe('succeeded');
        const activities = activitiesOf(played);
        expect(new Set(activities).size).toBe(activities.length);
      }),
      { numRuns: 200 },
    );
  });
});
