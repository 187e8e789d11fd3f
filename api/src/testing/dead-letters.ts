import { createHash, randomUUIDv7 } from 'node:crypto';
import type { Json } from '@everwave/schema/flow';
import { toId } from '@everwave/schema/ids';
import { noteDeadLetterGroups, tables, withOrg } from '@everwave/schema/db';
import type { Failure, StepStatus } from '@everwave/schema/run';
import { additionalData } from '@everwave/temporal/encryption';
import { eq } from 'drizzle-orm';
import { aGraph, aNode } from './graphs.ts';
import type { TestApi, TestOrg } from './test-api.ts';

export interface BuriedLetter {
  readonly id: string;
  readonly runId: string;
}

/** A published flow whose runs park at its step `send`, as a worker's projection would write it. */
export interface Graveyard {
  readonly flowId: string;
  readonly fingerprint: string;
  bury(more?: {
    readonly failure?: Partial<Failure>;
    readonly input?: Json | null;
    readonly path?: string;
  }): Promise<BuriedLetter>;
  /** What the worker writes when a retried step came to something. */
  settle(runId: string, status: StepStatus, failure?: Failure): Promise<void>;
}

const fingerprintOf = (...parts: readonly string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

export const createGraveyard = async (api: TestApi, org: TestOrg, name = 'Orders'): Promise<Graveyard> => {
  const developer = await org.as('developer');
  const graph = aGraph(
    [
      aNode('start', 'trigger.manual'),
      { ...aNode('send', 'control.return', { input: { output: 1 } }), title: 'Tell the customer' },
    ],
    [['start', 'send']],
  );
  const flowId: string = (await developer('POST /v1/flows', { name, graph })).body.id;
  await developer(`POST /v1/flows/${flowId}/publish`);
  const defaultFailure: Failure = { name: 'http_error', message: 'The shop answered 500.' };
  let minute = 0;

  return {
    flowId,
    fingerprint: fingerprintOf(flowId, 'send', defaultFailure.name),
    bury: async ({ failure, input = { to: 'ada@example.com', text: 'Hello' }, path = 'send' } = {}) => {
      const runId: string = (await developer(`POST /v1/flows/${flowId}/runs`, {})).body.runId;
      const known = { ...defaultFailure, ...failure };
      const id = toId('dead', randomUUIDv7());
      const fingerprint = fingerprintOf(flowId, 'send', known.name);
      const inputSealed =
        input === null
          ? null
          : await api.ring.sealJson(org.orgId, input, additionalData.deadLetterInput(runId, path, 1));
      minute += 1;
      await withOrg(api.db, org.orgId, async (tx) => {
        await tx
          .update(tables.runs)
          .set({ status: 'needs_attention', temporalRunId: `temporal-${runId}` })
          .where(eq(tables.runs.id, runId));
        await tx.insert(tables.deadLetters).values({
          id,
          orgId: org.orgId,
          runId,
          flowId,
          path,
          ordinal: 1,
          stepId: 'send',
          fingerprint,
          failure: known,
          attempts: 3,
          inputSealed,
          openedAt: new Date(Date.UTC(2026, 0, 1, 0, minute)),
        });
        const group = { orgId: org.orgId, fingerprint, flowId, stepId: 'send', failureName: known.name };
        await noteDeadLetterGroups(tx, [group]);
      });
      return { id, runId };
    },
    settle: (runId, status, failure) =>
      withOrg(api.db, org.orgId, async (tx) => {
        await tx.insert(tables.runSteps).values({
          orgId: org.orgId,
          runId,
          path: 'send',
          ordinal: 2,
          stepId: 'send',
          status,
          seq: 9,
          temporalRunId: 'temporal',
          failure: failure ?? null,
        });
      }),
  };
};
