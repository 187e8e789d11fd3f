import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generationOfFork } from '../../flow/generation.ts';
import type { Plan } from '../../flow/plan.ts';
import { evaluateActivity } from '../../run/large-value.ts';
import { isClosed } from '../../run/status.ts';
import type { Command } from '../command.ts';
import { openBatches } from '../open-batches.ts';
import { placeOf } from '../place.ts';
import { anyFramedScenario, type FramedScenario } from '../testing/any-frames.ts';
import { type PlayBatches, playBatches, type PlayedBatches } from '../testing/play-batches.ts';
import { recordOf } from '../testing/play-run.ts';
import { withBatches } from '../testing/with-batches.ts';
import { type Forked, forkState } from './fork-state.ts';

const generation = generationOfFork(1);
const forkedAs = { at: 5_000_000, run: { id: 'run_2', url: '', flowName: 'Any' }, seed: 9 };

const playIn = (plan: Plan, { failing, choices }: FramedScenario, more: Partial<PlayBatches> = {}) =>
  playBatches({ plan, isFailing: (path) => failing.has(placeOf(path).stepId), choices, ...more });

/** Effects: what only puts results together is none. */
const scheduled = (commands: readonly Command[]) =>
  commands.flatMap((command) =>
    command.type === 'scheduleActivity' && command.activity !== evaluateActivity ? [command] : [],
  );

const forkAt = async (plan: Plan, played: PlayedBatches, at: string): Promise<Extract<Forked, { ok: true }>> => {
  const forked = await forkState(plan, recordOf(played), { at, outputs: {}, generation }, forkedAs);
  if (!forked.ok) throw new Error(`${at}: ${JSON.stringify(forked.problems)}`);
  return forked;
};

/** One of the steps that a run has reached. */
const anyOf = (played: PlayedBatches, which: number): string | undefined => {
  const paths = [...new Set(scheduled(played.commands).map(({ path }) => path))];
  return paths[which % Math.max(1, paths.length)];
};

const endOf = ({ state }: PlayedBatches) => ({
  status: state.status,
  steps: Object.fromEntries(
    Object.entries(state.scopes['root']?.steps ?? {}).map(([id, { status, output }]) => [id, { status, output }]),
  ),
});

const startsOf = (commands: readonly Command[]) =>
  commands.flatMap((command) => (command.type === 'startBatch' ? [command] : []));

const anySize = fc.integer({ min: 1, max: 3 });
const anyChoices = fc.array(fc.nat(30), { minLength: 1, maxLength: 40 });

describe('a fork of any run whose loops run in batches, at any step that it has reached', () => {
  it('does the same under the same keys as that of a run without batches, and ends as the run did', async () => {
    let inItems = 0;
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, fc.nat(), anyChoices, async (scenario, size, which, choices) => {
        const plan = withBatches(scenario.plan, size);
        const played = await playIn(plan, scenario);
        const at = anyOf(played, which);
        if (at === undefined) return;
        const forked = await forkAt(plan, played, at);
        const { isAgain, kept } = forked;
        expect(kept.map(({ seq }) => seq)).toEqual(kept.map((_, index) => index + 1));
        expect(kept.filter(({ path }) => isAgain(path))).toEqual([]);
        if (at.includes('[')) inItems += 1;

        const fork = await playIn(plan, { ...scenario, choices }, { from: forked });
        expect(endOf(fork)).toEqual(endOf(played));
        const stands = new Set(
          recordOf(played).steps.flatMap(({ path, status }) =>
            status === 'succeeded' && !isAgain(path) ? [path] : [],
          ),
        );
        const effects = scheduled(fork.commands);
        for (const { path, generation: used } of effects) {
          expect([...stands]).not.toContain(path);
          expect({ path, used }).toEqual({ path, used: isAgain(path) ? generation : 1 });
        }
        expect(effects.map(({ path }) => path)).toContain(at);
        const keys = effects.map(({ path, ordinal, generation: used }) => `${path}~${ordinal} ${used}`);
        expect(new Set(keys).size).toBe(keys.length);

        const whole = await playIn(scenario.plan, scenario);
        const together = await forkAt(scenario.plan, whole, at).catch(() => null);
        if (!together || played.state.status !== 'succeeded' || scenario.failing.size > 0) return;
        const alone = await playIn(scenario.plan, { ...scenario, choices }, { from: together });
        expect(keys.toSorted()).toEqual(
          scheduled(alone.commands)
            .map(({ path, ordinal, generation: used }) => `${path}~${ordinal} ${used}`)
            .toSorted(),
        );
      }),
      { numRuns: 500 },
    );
    expect(inItems).toBeGreaterThan(100);
  });

  it('starts of a loop that has ended only the batch again in which the step stands', async () => {
    let forks = 0;
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, fc.nat(), async (given, size, which) => {
        const scenario = { ...given, failing: new Set<string>() };
        const plan = withBatches(scenario.plan, size);
        const played = await playIn(plan, scenario);
        const at = anyOf(played, which);
        if (at === undefined) return;
        const forked = await forkAt(plan, played, at);
        for (const { path, from, items } of startsOf(forked.commands)) {
          forks += 1;
          const [, index] = at.startsWith(`${path}[`) ? (/^\[(\d+)\]/.exec(at.slice(path.length)) ?? []) : [];
          expect([at, index !== undefined && Number(index) >= from && Number(index) < from + items.length]).toEqual([
            at,
            true,
          ]);
        }
      }),
      { numRuns: 300 },
    );
    expect(forks).toBeGreaterThan(50);
  });

  it('can be made of a run that has come to any point, and comes to the same end', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, fc.nat(60), fc.nat(), async (scenario, size, turns, which) => {
        const plan = withBatches(scenario.plan, size);
        const played = await playIn(plan, scenario, { turns });
        const at = anyOf(played, which);
        if (at === undefined) return;
        const forked = await forkAt(plan, played, at);
        const whole = await playIn(plan, scenario);
        const fork = await playIn(plan, scenario, { from: forked });
        expect(fork.state.status).toBe(whole.state.status);
        if (!isClosed(fork.state.status)) return;
        expect(Object.keys(fork.state.scopes)).toEqual(['root']);
        expect(fork.workflows.filter(({ state }) => !isClosed(state.status))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('takes the place of one that is open, whatever its batches are about, and does again what it is told to alone', async () => {
    let inBatches = 0;
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, fc.nat(60), fc.nat(), async (scenario, size, moment, which) => {
        const plan = withBatches(scenario.plan, size);
        let isAsked = false;
        const played = await playIn(plan, scenario, {
          disturb: ([own], turn) => {
            if (turn !== moment || !own) return null;
            isAsked = !own.state.closing;
            if (isAsked && openBatches(own.state).length > 0) inBatches += 1;
            return [own, { type: 'superseded', by: 'run_2', at: 0 }];
          },
        });
        if (!isAsked) return;
        expect(played.state.status).toBe('superseded');
        expect(played.workflows.filter(({ state }) => !isClosed(state.status))).toEqual([]);
        expect(played.commands.filter(({ type }) => type === 'closeRun')).toHaveLength(played.workflows.length);
        const at = anyOf(played, which);
        if (at === undefined) return;
        const forked = await forkAt(plan, played, at);
        const stands = recordOf(played).steps.flatMap(({ path, status }) =>
          status === 'succeeded' && !forked.isAgain(path) ? [path] : [],
        );
        const fork = await playIn(plan, scenario, { from: forked });
        const paths = scheduled(fork.commands).map(({ path }) => path);
        expect(paths).toContain(at);
        expect(stands.filter((path) => paths.includes(path))).toEqual([]);
        const whole = await playIn(plan, scenario);
        expect(fork.state.status).toBe(whole.state.status);
        if (scenario.failing.size === 0) expect(endOf(fork)).toEqual(endOf(whole));
      }),
      { numRuns: 500 },
    );
    expect(inBatches).toBeGreaterThan(50);
  });

  it('can be forked again, as one that has not been', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, fc.nat(), fc.nat(), async (scenario, size, which, whichThen) => {
        const plan = withBatches(scenario.plan, size);
        const played = await playIn(plan, scenario);
        const at = anyOf(played, which);
        if (at === undefined) return;
        const fork = await playIn(plan, scenario, { from: await forkAt(plan, played, at) });
        const reached = recordOf(fork).steps.filter(
          ({ stepId, status }) => plan.steps[stepId]?.type === 'action' && status !== 'skipped',
        );
        const atThen = reached[whichThen % reached.length]?.path ?? at;
        const order = { at: atThen, outputs: {}, generation: generationOfFork(2) };
        const again = await forkState(plan, recordOf(fork), order, forkedAs);
        expect(again.ok ? [] : again.problems).toEqual([]);
        if (!again.ok) return;
        expect(endOf(await playIn(plan, scenario, { from: again }))).toEqual(endOf(played));
      }),
      { numRuns: 200 },
    );
  });
});
