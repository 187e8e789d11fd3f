import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plan, PlanStep } from '@everwave/schema/flow';
import type { RunFlowInput } from '@everwave/schema/run';
import { failureConverterPath } from '@everwave/temporal/data-converter';
import { createLogger } from '@everwave/temporal/logger';
import { defaultPayloadConverter } from '@temporalio/common';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWorkflowBundle } from '../src/bundle.ts';
import { hostScenarios, scenarios } from './scenarios.ts';

interface Recording {
  readonly workflowId: string;
  readonly history: unknown;
}

const folder = fileURLToPath(new URL('./histories/', import.meta.url));
const files = readdirSync(folder);
const read = (file: string) => JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as Recording;
const logger = createLogger({ service: 'replay', level: 'silent' });
let bundle: WorkflowBundleOption;

beforeAll(async () => {
  bundle = await loadWorkflowBundle(logger);
});

/** Recorded histories are in plain text: they are the tests' own. */
const replay = ({ workflowId, history }: { workflowId: string; history: unknown }): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: bundle, dataConverter: { failureConverterPath } }, history, workflowId);

/** The compiler asks for each kind that is added. */
const kinds: { readonly [Type in PlanStep['type']]: true } = {
  trigger: true,
  action: true,
  condition: true,
  switch: true,
  parallel: true,
  merge: true,
  delay: true,
  setVariables: true,
  return: true,
  respond: true,
  waitUntil: true,
  waitForEvent: true,
  approval: true,
  stop: true,
  subflow: true,
  forEach: true,
  while: true,
  try: true,
  finally: true,
};

/** The plan that a recorded run began with, and those of its sub-flows. */
const plansIn = ({ history }: Recording): readonly Plan[] => {
  const input = historyFromJSON(history).events?.[0]?.workflowExecutionStartedEventAttributes?.input;
  const [payload] = input?.payloads ?? [];
  const { plan } = defaultPayloadConverter.fromPayload<{ readonly plan: Plan }>(payload ?? {});
  return [plan, ...Object.values(plan.steps).flatMap((step) => (step.type === 'subflow' ? [step.plan] : []))];
};

describe('recorded histories', () => {
  it('exist for every scenario', () => {
    for (const name of [...Object.keys(scenarios), ...Object.keys(hostScenarios)]) {
      expect(
        files.some((file) => file.startsWith(`${name}.`)),
        `${name}: run pnpm record`,
      ).toBe(true);
    }
  });

  it('use every kind of step that a plan can hold', () => {
    const used = new Set(
      files
        .map(read)
        .flatMap(plansIn)
        .flatMap(({ steps }) => Object.values(steps))
        .map(({ type }) => type),
    );
    expect(Object.keys(kinds).filter((kind) => !used.has(kind as PlanStep['type']))).toEqual([]);
  });

  it.each(files)('replay with the code of today: %s', async (file) => {
    await replay(read(file));
  });

  it('replay the same on a worker in another time zone and language', async () => {
    const elsewhere = { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
    const before = Object.fromEntries(Object.keys(elsewhere).map((name) => [name, process.env[name]]));
    const hours = () => new Date('2026-06-01T00:00:00Z').getHours();
    const hoursBefore = hours();
    try {
      Object.assign(process.env, elsewhere);
      expect(hours()).not.toBe(hoursBefore);
      const options = { workflowBundle: bundle, dataConverter: { failureConverterPath } };
      const replayed: string[] = [];
      for await (const { workflowId, error } of Worker.runReplayHistories(options, files.map(read))) {
        expect(error, workflowId).toBeUndefined();
        replayed.push(workflowId);
      }
      expect(replayed).toHaveLength(files.length);
    } finally {
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it('do not replay when the scheduler takes two edges in the other order', async () => {
    const recording = read('parallel-and-merge.1.json');
    const history = historyFromJSON(recording.history);
    const input = history.events?.[0]?.workflowExecutionStartedEventAttributes?.input;
    const [payload] = input?.payloads ?? [];
    const started = defaultPayloadConverter.fromPayload<RunFlowInput>(payload ?? {});
    const { left, right } = started.plan.steps;
    if (!left || !right || !input) throw new Error('The recording holds another plan than expected.');
    const swapped = {
      ...started.plan,
      steps: { ...started.plan.steps, left: { ...left, order: right.order }, right: { ...right, order: left.order } },
      regions: {
        root: {
          ...started.plan.regions['root'],
          steps: started.plan.regions['root']?.steps.toSorted((one, other) =>
            one === 'right' && other === 'left' ? -1 : one === 'left' && other === 'right' ? 1 : 0,
          ),
        },
      },
    };
    input.payloads = [defaultPayloadConverter.toPayload({ ...started, plan: swapped })];
    await expect(replay({ workflowId: recording.workflowId, history })).rejects.toThrow(DeterminismViolationError);
  });
});
