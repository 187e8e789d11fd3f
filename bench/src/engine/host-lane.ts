import { randomUUID } from 'node:crypto';
import { hostWorkflowIdOf } from '@everwave/schema/ids';
import { hostLimits, type RunHostInput, type RunHostResult } from '@everwave/schema/run';
import { startHost } from '@everwave/temporal/runs';
import { addRuns, countOpen, noteHost } from '../stage/run-rows.ts';
import type { Stage } from '../stage/stage.ts';
import { waitUntil } from '../wait-until.ts';
import type { Lane, OurFlow, PreparedRun } from './lanes.ts';

/** Hosts that run at the same time: more on two cores, and runs leave them because they take too long. */
export const hostsAtOnce = 4;

export interface HostLane extends Lane {
  /** Runs so far that left their host, because the machine was too busy for them to end within its time. */
  readonly ejected: () => number;
}

/** Many runs of one express flow in one workflow, as the dispatcher hands them over when many are due. */
export const hostLane = (stage: Stage, { title, plan, data }: Omit<OurFlow, 'isRight'>): HostLane => {
  const client = stage.temporal.ours;
  const planHash = plan.flowId;
  let prepared: string[] = [];
  let ejected = 0;
  return {
    title,
    ejected: () => ejected,
    prepare: async (runs) => {
      const inputs = await addRuns(stage, { plan, planHash, data }, runs);
      prepared = inputs.map(({ runId }) => runId);
      const hosts: PreparedRun[] = [];
      for (let at = 0; at < inputs.length; at += hostLimits.runs) {
        const hostId = randomUUID().replaceAll('-', '');
        const guests = inputs.slice(at, at + hostLimits.runs);
        const input: RunHostInput = {
          engineVersion: 1,
          orgId: stage.orgId,
          hostId,
          plan,
          planHash,
          runs: guests.map(({ runId, rootRunId, trigger, run }) => ({ runId, rootRunId, trigger, run })),
        };
        const workflowId = hostWorkflowIdOf(stage.orgId, hostId);
        await noteHost(stage, guests, workflowId);
        hosts.push({
          workflowId,
          execute: async () => {
            await startHost(client, input);
            const result = (await client.workflow.getHandle(workflowId).result()) as RunHostResult;
            ejected += result.ejected;
            if (result.ended + result.ejected !== guests.length) {
              throw new Error(`Of ${guests.length} runs in a host some are missing: ${JSON.stringify(result)}`);
            }
          },
        });
      }
      return hosts;
    },
    settle: () =>
      waitUntil(`the record of "${title}"`, async () => (await countOpen(stage, prepared)) === 0, { within: 60_000 }),
  };
};
