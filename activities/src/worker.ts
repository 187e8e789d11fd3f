import type { ActivityInput, ActivityResult, ProbeInput, ProbeResult } from '@everwave/schema/run';
import type { ActivityDependencies } from './runtime/ports.ts';

export type {
  ActivityDependencies,
  CheckpointStore,
  Connection,
  ConnectionStore,
  EffectClaim,
  EffectId,
  EffectIntent,
  EffectLedger,
  EffectRecord,
  EffectState,
  EgressPolicy,
  Logger,
  MeterReading,
  MeterStore,
} from './runtime/ports.ts';

/** An activity as Temporal calls it. */
export type Activity = (input: ActivityInput) => Promise<ActivityResult>;

/** Every node's activity under its Temporal name (`slack.postMessage@1`), ready for `Worker.create`. */
export const createActivities = (_dependencies: ActivityDependencies): Record<string, Activity> => ({});

/** Tries a connection the way its connector does. Never throws for a bad connection: the answer says what is wrong. */
export const testConnection = async (
  _dependencies: ActivityDependencies,
  _input: ProbeInput,
  _signal: AbortSignal,
): Promise<ProbeResult> => ({ ok: false, message: 'No connector is here yet.' });
