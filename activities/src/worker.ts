import { activityNameOf } from '@everwave/schema/node';
import { type ActivityInput, type ActivityResult, evaluateActivity } from '@everwave/schema/run';
import { nodeImplementations } from './implementations.ts';
import { createEgress } from './runtime/egress.ts';
import { createEvaluateActivity } from './runtime/evaluate-activity.ts';
import type { ActivityDependencies } from './runtime/ports.ts';
import { toActivity } from './runtime/to-activity.ts';

export { createAlertSender, type AlertMessage, type AlertSender, type AlertTarget } from './alerts/alert-sender.ts';
export { loadModelRegistry } from './models/load-model-registry.ts';
export { createEvaluateActivity } from './runtime/evaluate-activity.ts';
export { keepValue } from './runtime/keep-output.ts';
export { StoreUnavailable } from './runtime/node-errors.ts';
export { createSandbox } from './sandbox/sandbox.ts';
export { testConnection } from './test-connection.ts';
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
  EventOutbox,
  FileStore,
  FullLimit,
  LimitedStep,
  Logger,
  MeterReading,
  MeterStore,
  Sandbox,
  SetLimit,
  StepLimitStore,
  ValueStore,
  VariableStore,
} from './runtime/ports.ts';

/** An activity as Temporal calls it. */
export type Activity = (input: ActivityInput) => Promise<ActivityResult>;

/** Every node's activity under its Temporal name (`slack.postMessage@1`), and our own, ready for `Worker.create`. */
export const createActivities = (dependencies: ActivityDependencies): Record<string, Activity> => {
  const egress = createEgress(dependencies.egress);
  const ofNodes = nodeImplementations.map((implementation): [string, Activity] => [
    activityNameOf(implementation.definition),
    toActivity(implementation, dependencies, egress),
  ]);
  return { ...Object.fromEntries(ofNodes), [evaluateActivity]: createEvaluateActivity(dependencies) };
};
