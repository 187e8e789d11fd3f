import type { ActivityInput, ActivityResult } from '@everwave/schema/run';
import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

/**
 * What an engineer who knows Temporal would write instead of drawing the flow: the same activities, wrapped as ours are,
 * called one after the other. No plan, no expressions, no projection, nothing for an operator to look at or repair.
 */

export interface ByHandInput {
  readonly orgId: string;
  readonly runId: string;
  readonly flowId: string;
  readonly connections: { readonly http: string; readonly slack: string };
  readonly order: { readonly orderId: string; readonly customerId: string; readonly total: number };
}

type Activities = Record<string, (input: ActivityInput) => Promise<ActivityResult>>;

const retry = {
  initialInterval: '1s',
  backoffCoefficient: 2,
  maximumInterval: '1m',
  maximumAttempts: 6,
} as const;
const durable = proxyActivities<Activities>({
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '1h',
  heartbeatTimeout: '15s',
  retry,
});
/** As our express lane asks for them. */
const local = proxyLocalActivities<Activities>({
  startToCloseTimeout: '4s',
  scheduleToCloseTimeout: '7s',
  localRetryThreshold: '10s',
  retry,
});

export const orderByHand = (input: ByHandInput): Promise<string> => order(input, durable);
export const orderByHandExpress = (input: ByHandInput): Promise<string> => order(input, local);

interface Step {
  readonly path: string;
  readonly activity: string;
  readonly connectionId?: string | null;
  readonly input: ActivityInput['input'];
}

const order = async (run: ByHandInput, activities: Activities): Promise<string> => {
  const { orderId, customerId, total } = run.order;
  const act = async <Output>({ path, activity, connectionId = null, input }: Step): Promise<Output> => {
    const call = activities[activity];
    if (!call) throw new Error(`There is no activity ${activity}.`);
    const { orgId, runId, flowId } = run;
    const step = { orgId, flowId, runId, rootRunId: runId, path, ordinal: 1, generation: 1, requestId: null };
    return (await call({ ...step, connectionId, input })).output as Output;
  };

  const customer = await act<{ body: { name: string; tier: string } }>({
    path: 'customer',
    activity: 'http.request@1',
    connectionId: run.connections.http,
    input: { method: 'GET', url: `/customers/${customerId}` },
  });
  const { value } = await act<{ value: { orderId: string; name: string; tier: string; total: number } }>({
    path: 'shape',
    activity: 'data.transform@1',
    input: { fields: { orderId, name: customer.body.name, tier: customer.body.tier, total } },
  });
  const checked = await act<{ valid: (typeof value)[] }>({
    path: 'check',
    activity: 'data.validate@1',
    input: { records: [value], rules: [{ field: 'total', check: 'minimum', value: 1 }] },
  });
  const first = checked.valid[0];
  const words = await act<{ value: { text: string } }>({
    path: 'words',
    activity: 'data.transform@1',
    input: { fields: { text: `${first?.orderId}: ${first?.name} (${first?.tier}) ordered for ${first?.total}` } },
  });
  const posted = await act<{ ts: string }>({
    path: 'notify',
    activity: 'slack.postMessage@1',
    connectionId: run.connections.slack,
    input: { channel: 'C0000ORDERS', text: words.value.text },
  });
  return posted.ts;
};
