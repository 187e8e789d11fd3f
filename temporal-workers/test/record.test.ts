import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Payload } from '@temporalio/common';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { openPayload } from '@everwave/temporal/codec';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { fetchChain } from '../src/reconciler/fetch-chain.ts';
import { createFakeActivities } from './fake-activities.ts';
import { createHarness, type Harness } from './harness.ts';
import { hostScenarios, scenarios, startScenario } from './scenarios.ts';

// Not a test: `pnpm record` runs every scenario and writes its history, one file per part, for replay.test.ts.
const recording = process.env['EVERWAVE_RECORD'] === '1';
const folder = fileURLToPath(new URL('./histories/', import.meta.url));

const isPayload = (value: object): value is Payload => 'metadata' in value && 'data' in value;

/** Opens every payload in place: a recording has no key. */
const unseal = async (value: unknown, harness: Harness): Promise<unknown> => {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (isPayload(value)) return (await openPayload(harness.ring, value)) ?? value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => unseal(item, harness)));
  for (const [key, item] of Object.entries(value)) {
    Object.assign(value, { [key]: await unseal(item, harness) });
  }
  return value;
};

describe.runIf(recording)('recording', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await createHarness({ activities: createFakeActivities().activities });
    mkdirSync(folder, { recursive: true });
  });
  afterAll(() => harness.close());

  it.each(Object.entries(scenarios))('%s', async (name, scenario) => {
    const run = await startScenario(scenario, harness);
    await scenario.drive?.(run, harness);
    await run.result().catch(() => 'some scenarios fail or are cancelled');
    forget(name);
    await write(name, run.workflowId);
    for await (const { workflowId } of harness.client.workflow.list({ query: `WorkflowType = 'runBatch'` })) {
      const place = workflowId.startsWith(`${run.workflowId}/`) && /\/b\/(.*)$/.exec(workflowId)?.[1];
      if (place) await write(`${name}.batch-${place.replaceAll(/[^a-z0-9]+/g, '-')}`, workflowId);
    }
  });

  it.each(Object.entries(hostScenarios))('%s', async (name, { plan, triggers }) => {
    const host = await harness.startHost(plan, triggers);
    await host.result();
    forget(name);
    await write(name, host.workflowId);
    for (const [index, run] of host.runs.entries()) {
      const isEjected = (await fetchChain(harness.client, run.workflowId)) !== null;
      if (!isEjected) continue;
      await run.result();
      await write(`${name}.run-${index + 1}`, run.workflowId);
    }
  });

  const forget = (name: string): void => {
    for (const file of readdirSync(folder)) if (file.startsWith(`${name}.`)) rmSync(`${folder}${file}`);
  };

  const write = async (name: string, workflowId: string): Promise<void> => {
    const chain = await fetchChain(harness.client, workflowId);
    for (const [index, { events }] of (chain?.parts ?? []).entries()) {
      const history = { events: (await unseal([...events], harness)) as (typeof events)[number][] };
      const file = { workflowId, history: JSON.parse(historyToJSON(history)) as unknown };
      writeFileSync(`${folder}${name}.${index + 1}.json`, `${JSON.stringify(file)}\n`);
    }
  };
});
