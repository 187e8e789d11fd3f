import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateActivity } from '../run/large-value.ts';
import { isClosed } from '../run/status.ts';
import { checkRepair } from './check-repair.ts';
import type { Command } from './command.ts';
import { pathOf, placeOf } from './place.ts';
import type { Repair } from './event.ts';
import { anyFramedScenario, type FramedScenario } from './testing/any-frames.ts';
import { batchId } from './testing/batch-messages.ts';
import { playBatches, type PlayBatches, rowsOf } from './testing/play-batches.ts';
import { withBatches } from './testing/with-batches.ts';

const playIn = (
  { plan, failing, choices }: FramedScenario,
  size: number | null,
  more: Pick<PlayBatches, 'disturb'> = {},
) =>
  playBatches({
    plan: size === null ? plan : withBatches(plan, size),
    isFailing: (path, ordinal) => failing.has(placeOf(path).stepId) && ordinal === 1,
    choices,
    ...more,
  });

/** What effect keys are made of; what only puts results together has no effect. */
const effectsOf = (commands: readonly Command[]): readonly string[] =>
  commands
    .flatMap((command) =>
      command.type === 'scheduleActivity' && command.activity !== evaluateActivity
        ? [`${command.path}~${command.ordinal} ${command.generation}`]
        : [],
    )
    .toSorted();

const anySize = fc.integer({ min: 1, max: 3 });

describe('for any frames in frames, any outcomes, any order of events and any size of batches', () => {
  it('a run whose loops run in batches does the same under the same keys, and gives the same', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, async (scenario, size) => {
        const together = await playIn({ ...scenario, failing: new Set() }, null);
        const apart = await playIn({ ...scenario, failing: new Set() }, size);
        expect(apart.state.status).toBe('succeeded');
        expect(effectsOf(apart.commands)).toEqual(effectsOf(together.commands));
        expect(rowsOf(apart.commands)).toEqual(rowsOf(together.commands));
        expect(apart.workflows.every(({ state }) => isClosed(state.status))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('a run in which steps fail ends as without batches, and no effect happens twice', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, async (scenario, size) => {
        const together = await playIn(scenario, null);
        const apart = await playIn(scenario, size);
        expect(apart.state.status).toBe(together.state.status);
        const effects = effectsOf(apart.commands);
        expect(new Set(effects).size).toBe(effects.length);
        if (!isClosed(apart.state.status)) return;
        expect(apart.workflows.filter(({ state }) => !isClosed(state.status))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('one that is cancelled at any moment ends as cancelled, and so do its batches', async () => {
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, fc.nat(30), async (scenario, size, moment) => {
        const played = await playIn(scenario, size, {
          disturb: ([own], turn) =>
            turn === moment && own && !own.state.closing ? [own, { type: 'cancelRequested', at: 0 }] : null,
        });
        if (played.state.status === 'needs_attention') return;
        expect(['cancelled', 'succeeded']).toContain(played.state.status);
        expect(played.workflows.filter(({ state }) => !isClosed(state.status))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('what parks in a batch is found from the run, repaired there, and everything ends well', async () => {
    const by = { userId: 'u', name: 'Ada', role: 'owner' };
    await fc.assert(
      fc.asyncProperty(anyFramedScenario, anySize, async (scenario, size) => {
        const plan = withBatches(scenario.plan, size);
        const played = await playIn(scenario, size, {
          disturb: (workflows) => {
            for (const workflow of workflows) {
              if (isClosed(workflow.state.status) || workflow.inbox.length > 0) continue;
              for (const [scope, { steps }] of Object.entries(workflow.state.scopes)) {
                const parked = Object.entries(steps).find(([, { status }]) => status === 'needs_attention');
                if (!parked) continue;
                const repair: Repair = { action: 'retryStep', path: pathOf({ scope, stepId: parked[0] }) };
                let asked = workflows[0];
                let verdict = asked && checkRepair(plan, asked.state, repair);
                while (verdict && !verdict.ok && verdict.batch) {
                  const id = batchId(verdict.batch);
                  asked = workflows.find((each) => each.id === id);
                  verdict = asked && checkRepair(plan, asked.state, repair);
                }
                expect(verdict).toEqual({ ok: true });
                expect(asked).toBe(workflow);
                return [workflow, { type: 'repaired', at: 0, repair, by }];
              }
            }
            return null;
          },
        });
        expect(played.state.status).toBe('succeeded');
        const effects = effectsOf(played.commands);
        expect(new Set(effects).size).toBe(effects.length);
      }),
      { numRuns: 200 },
    );
  });
});
