export { attemptOf } from './attempt-of.ts';
export {
  deferredFailure,
  expressLimits,
  leftLaneFailure,
  probeType,
  repairUpdates,
  runFlowType,
  taskQueues,
  unsealedMarker,
  type ActivityInput,
  type ActivityResult,
  type DeferredDetails,
  type ExpressEnd,
  type LeftLaneDetails,
  type ProbeInput,
  type ProbeResult,
  type RepairReply,
  type RepairRequest,
  type RunFlowInput,
  type RunFlowResult,
} from './contract.ts';
export {
  ejectUpdate,
  hostLimits,
  runHostType,
  type EjectReply,
  type EjectRequest,
  type HostedRunInput,
  type RunHostInput,
  type RunHostResult,
} from './host.ts';
export {
  closedRunStatuses,
  isClosed,
  isSettled,
  runStatuses,
  stepStatuses,
  type Failure,
  type RunStatus,
  type StepStatus,
} from './status.ts';
export { summaryOf } from './summary.ts';
