import { generationOfFork, type Plan } from '@everwave/schema/flow';
import type { ForkOf } from '@everwave/schema/run';
import { readRunRecord } from '@everwave/temporal/runs';
import type { Harness, RunUnderTest } from './harness.ts';

/** From where, and how, another run is started again. `number`: of the fork, among those of one root; 1 if left out. */
export interface ForkOrder extends Partial<ForkOf> {
  readonly at: string;
  readonly plan?: Plan;
  readonly number?: number;
}

/** What a fork's workflow is started with, as the api would. */
export const toFork = (origin: RunUnderTest, given: ForkOrder) => {
  const { plan: _plan, number = 1, ...order } = given;
  return {
    origin,
    originRunId: origin.runId,
    originSeq: null,
    outputs: {},
    generation: generationOfFork(number),
    forkNumber: number,
    ...order,
  };
};

/** Starts another run again, on its own plan or another. */
export const startForkOf = (harness: Harness, origin: RunUnderTest, order: ForkOrder): Promise<RunUnderTest> =>
  harness.start(order.plan ?? origin.input.plan, {
    trigger: origin.input.trigger.data,
    ...(origin.input.env && { env: origin.input.env }),
    fork: toFork(origin, order),
  });

/** Up to where it is recorded: what an order that supersedes it says. */
export const seqOf = async ({ db, ring, orgId }: Harness, { runId }: RunUnderTest): Promise<number> =>
  (await readRunRecord(db, ring, { orgId, runId }))?.seq ?? 0;
