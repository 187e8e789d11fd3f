import { keepValue } from '@everwave/activities/worker';
import type { Json, Plan } from '@everwave/schema/flow';
import type { RunRecord } from '@everwave/schema/interpreter';
import { valueLimits } from '@everwave/schema/run';
import type { ReconcileOptions } from '../reconciler/reconcile.ts';
import { createValueStore } from '../stores/value-store.ts';

type Tools = Pick<ReconcileOptions, 'db' | 'ring'>;
type Variables = NonNullable<RunRecord['variables']>[string];

/** What steps have set as variables, where all of that is kept outside as one value: the fork reads each by itself. */
export const withVariables = async (
  tools: Tools,
  fork: { readonly orgId: string; readonly runId: string; readonly plan: Plan },
  record: RunRecord,
): Promise<RunRecord> => {
  const variables: { [path: string]: Variables } = {};
  for (const { path, stepId, ordinal, outputReference } of record.steps) {
    if (!outputReference || fork.plan.steps[stepId]?.type !== 'setVariables') continue;
    const json = await createValueStore(tools.db, tools.ring).find(fork.orgId, outputReference.sha256);
    if (!json) throw new Error(`The value ${outputReference.sha256} is not stored. Restore it from a backup.`);
    const all = JSON.parse(Buffer.from(json).toString('utf8')) as { readonly [name: string]: Json };
    variables[path] = await keepEach(tools, { ...fork, path, ordinal }, all);
  }
  return { ...record, variables };
};

const keepEach = async (
  { db, ring }: Tools,
  {
    orgId,
    runId,
    path,
    ordinal,
  }: { readonly orgId: string; readonly runId: string; readonly path: string; readonly ordinal: number },
  all: { readonly [name: string]: Json },
): Promise<Variables> => {
  const kept: { [name: string]: Variables[string] } = {};
  for (const [name, value] of Object.entries(all)) {
    const text = JSON.stringify(value);
    const isLarge = Buffer.byteLength(text) > valueLimits.inline;
    const use = { orgId, runId, path, ordinal, name: `variables.${name}` };
    kept[name] = isLarge ? { large: await keepValue(createValueStore(db, ring), use, text) } : { output: value };
  }
  return kept;
};
