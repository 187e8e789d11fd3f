import { randomUUIDv7 } from 'node:crypto';
import { type RunId, toId, workflowIdOf } from '@everwave/schema/ids';
import type { Json, Variables } from '@everwave/schema/flow';
import { tables, type Transaction } from '@everwave/schema/db';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';
import { currentTraceparent } from '@everwave/temporal/tracing';
import { shareFiles } from '@everwave/temporal/values';
import { sql } from 'drizzle-orm';
import { isRunLimited } from '../../limits/read-run-limits.ts';
import { problem } from '../../problems.ts';

/** Bytes of JSON that may start a run: with its flow's plan it must fit into the 2 MiB that Temporal takes. */
const largestTrigger = 1_310_720;
/** Bytes of JSON that a step takes and gives. */
export const largestStepValue = 1_048_576;

/** Throws for a value that no run could carry. `what` begins the sentence, `path` is where the request holds the value. */
export const refuseTooLarge = (value: Json, what: string, limit = largestTrigger, path?: string): void => {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= limit) return;
  const message = `${what} has ${bytes} bytes as JSON; ${limit} are possible.`;
  throw problem('body_too_large', message, path === undefined ? {} : { errors: [{ path, message }] });
};

/** What decides which drawing a run executes and where it begins. */
export interface RunOrigin {
  readonly orgId: string;
  readonly flowId: string;
  readonly flowVersion: number;
  readonly planHash: string;
  readonly trigger: { readonly id: string | null; readonly nodeId: string; readonly kind: string };
}

export interface SealedRun {
  readonly id: RunId;
  readonly triggerSealed: Uint8Array;
  /** Null for one that begins with the variables of the moment in which it is started. */
  readonly variablesSealed: Uint8Array | null;
}

/**
 * Names a run and seals what it starts with. Outside of any transaction: sealing may fetch the org's key on a connection
 * of its own, and enough transactions waiting for one would wait for ever.
 */
export const sealRun = async (ring: KeyRing, orgId: string, data: Json, env: Variables = {}): Promise<SealedRun> => {
  const id = toId('run', randomUUIDv7());
  const hasVariables = Object.keys(env).length > 0;
  return {
    id,
    triggerSealed: await ring.sealJson(orgId, data, additionalData.runTrigger(id)),
    variablesSealed: hasVariables ? await ring.sealJson(orgId, env, additionalData.runVariables(id)) : null,
  };
};

export interface QueuedBy {
  readonly deliveryId?: string;
  readonly startedBy?: string;
  readonly idempotencyKey?: string;
  readonly rerunOfRunId?: string;
  readonly requestId: string | null;
  /** What the limits say; `line` when absent: where there are some, the run waits until it is given a place. */
  readonly place?: 'line' | 'own';
  /** Deliveries, or a run, whose files the run begins with: what its trigger says of them, it may open. */
  readonly filesOf?: readonly string[];
  /** Set for a run that starts another one again. */
  readonly fork?: Pick<
    typeof tables.runs.$inferInsert,
    'rootRunId' | 'forkOfRunId' | 'forkAt' | 'forkNumber' | 'forkSealed'
  >;
}

/** Adds the row from which the dispatcher starts the run. Nothing is lost from here on. Returns whether it waits for a place. */
export const queueRun = async (
  tx: Transaction,
  { id, triggerSealed, variablesSealed }: SealedRun,
  { orgId, flowId, flowVersion, planHash, trigger }: RunOrigin,
  { fork, place = 'line', filesOf = [], ...queuedBy }: QueuedBy,
): Promise<boolean> => {
  const run = {
    id,
    orgId,
    flowId,
    flowVersion,
    planHash,
    triggerId: trigger.id,
    triggerNodeId: trigger.nodeId,
    triggerKind: trigger.kind,
    rootRunId: id,
    workflowId: workflowIdOf(orgId, id),
    // A fork begins with an activity.
    hostable: fork ? false : isHostable(orgId, planHash),
    triggerSealed,
    variablesSealed,
    traceparent: currentTraceparent(),
    ...queuedBy,
    ...fork,
  };
  // What a person mends begins at once, and counts.
  const placedAt =
    fork || place === 'own' ? sql`now()` : sql`case when ${isRunLimited(orgId, flowId)} then null else now() end`;
  const [row] = await tx
    .insert(tables.runs)
    .values({ ...run, placedAt })
    .returning({ placedAt: tables.runs.placedAt });
  if (filesOf.length > 0) await shareFiles(tx, { orgId, from: filesOf, to: id, path: trigger.nodeId });
  return row?.placedAt === null;
};

/** Whether the run's plan lets it share a workflow with others. */
const isHostable = (orgId: string, planHash: string) => sql<boolean>`coalesce((
  select (${tables.plans.plan} ->> 'hostable')::boolean from ${tables.plans}
  where ${tables.plans.orgId} = ${orgId} and ${tables.plans.hash} = ${planHash}
), false)`;
