import type { Json } from '@everwave/schema/flow';
import { activityNameOf } from '@everwave/schema/node';
import type { ActivityInput, ActivityResult, Failure, LargeValue } from '@everwave/schema/run';
import { ApplicationFailure, type Logger as TemporalLogger } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createEgress, type Egress } from '../runtime/egress.ts';
import { effectKeyOf } from '../runtime/effects.ts';
import type { NodeImplementation } from '../runtime/implement-node.ts';
import type { ActivityDependencies, Connection, EffectRecord, Sandbox } from '../runtime/ports.ts';
import { toActivity } from '../runtime/to-activity.ts';
import { recordFailure } from './proves-every-failure.ts';
import { createMemoryPorts, type MemoryPorts } from './memory-ports.ts';

/** How an attempt ended, as the workflow would see it. */
export type Ending =
  | { readonly ok: true; readonly output: Json; readonly large?: LargeValue }
  | {
      readonly ok: false;
      /** `type` of the ApplicationFailure, or `Cancelled`. */
      readonly type: string;
      readonly message: string;
      readonly retryable: boolean;
      readonly nextRetryDelay: unknown;
      readonly details: Failure & { readonly until?: number; readonly reason?: string };
      readonly error: Error;
    };

export interface NodeHarness {
  readonly ports: MemoryPorts;
  readonly egress: Egress;
  /** The only effect's row in the ledger. */
  effect(): EffectRecord | undefined;
  connect(connection: Pick<Connection, 'kind' | 'settings' | 'secret'>): void;
  run(input: Json, options?: RunOptions): Promise<Ending>;
  close(): Promise<void>;
}

export interface RunOptions {
  readonly attempt?: number;
  readonly request?: Partial<ActivityInput>;
  readonly startToCloseTimeoutMs?: number;
  readonly heartbeatTimeoutMs?: number;
  /** As a local activity, as the express lane runs it. */
  readonly isLocal?: boolean;
  readonly environment?: (environment: MockActivityEnvironment) => void;
  /** Replaces ports for this attempt: where faults are injected. */
  readonly ports?: Partial<ActivityDependencies>;
}

export const orgId = 'org_00000000000000000000000000000001';
export const connectionId = 'conn_00000000000000000000000000000001';

export const activityInput = (input: Json, changes: Partial<ActivityInput> = {}): ActivityInput => ({
  orgId,
  flowId: 'flow_00000000000000000000000000000001',
  runId: 'run_00000000000000000000000000000001',
  rootRunId: 'run_00000000000000000000000000000001',
  path: 'send',
  ordinal: 1,
  generation: 0,
  connectionId: null,
  requestId: null,
  input,
  ...changes,
});

/** Runs one node through the real wrapper: memory ports, Temporal's mocked activity context, real sockets. */
export const createNodeHarness = (
  implementation: unknown,
  { allow = [], sandbox }: { readonly allow?: readonly string[]; readonly sandbox?: Sandbox } = {},
): NodeHarness => {
  const node = implementation as NodeImplementation;
  const ports = createMemoryPorts(allow, sandbox ? { sandbox } : {});
  const egress = createEgress(ports.egress);
  let connected = false;
  return {
    ports,
    egress,
    effect: () => ports.effectRows.get(`${orgId}/${effectKeyOf(activityInput(null))}`),
    connect(connection) {
      connected = true;
      ports.connectionRows.set(`${orgId}/${connectionId}`, {
        id: connectionId,
        name: 'Test connection',
        ...connection,
      });
    },
    async run(input, options = {}) {
      const environment = new MockActivityEnvironment(
        {
          attempt: options.attempt ?? 1,
          activityType: activityNameOf(node.definition),
          startToCloseTimeoutMs: options.startToCloseTimeoutMs ?? 20_000,
          isLocal: options.isLocal ?? false,
          ...(options.heartbeatTimeoutMs ? { heartbeatTimeoutMs: options.heartbeatTimeoutMs } : {}),
        },
        { logger: quiet },
      );
      options.environment?.(environment);
      const activity = toActivity(node, { ...ports, ...options.ports }, egress);
      const request = activityInput(input, { connectionId: connected ? connectionId : null, ...options.request });
      try {
        const { output, large } = (await environment.run(activity, request)) as ActivityResult;
        if (!large) return { ok: true, output };
        const json = ports.valueRows.get(`${request.orgId}/${large.reference.sha256}`) ?? [];
        return { ok: true, output: JSON.parse(Buffer.from(json).toString('utf8')) as Json, large };
      } catch (error) {
        const ending = endingOf(error);
        recordFailure(node.definition.kind, ending.type);
        return ending;
      }
    },
    close: () => egress.close(),
  };
};

/** The SDK logs each failed attempt; expected ones would drown a test's output. */
const silence = (): void => {};
const quiet: TemporalLogger = {
  log: silence,
  trace: silence,
  debug: silence,
  info: silence,
  warn: silence,
  error: silence,
};

const endingOf = (error: unknown): Extract<Ending, { ok: false }> => {
  if (error instanceof ApplicationFailure) {
    return {
      ok: false,
      type: error.type ?? '',
      message: error.message,
      retryable: !error.nonRetryable,
      nextRetryDelay: error.nextRetryDelay ?? null,
      details: (error.details?.[0] ?? {}) as Failure,
      error,
    };
  }
  if (error instanceof Error && error.name === 'CancelledFailure') {
    return {
      ok: false,
      type: 'Cancelled',
      message: error.message,
      retryable: false,
      nextRetryDelay: null,
      details: { name: 'Cancelled', message: error.message },
      error,
    };
  }
  throw error;
};
