/**
 * What a sealed value is bound to: `<table>.<column>:<row>`. A value moved to another row, or read as another column,
 * does not open. One function per column, so that the side that seals and the side that opens cannot differ.
 */
export const additionalData = {
  /** What stands in a column in place of its value: it opens as nothing else. */
  inPlaceOf: (binding: string) => `${binding}:in_place_of`,
  connectionSecret: (orgId: string, connectionId: string) => `connections.secret:${orgId}:${connectionId}`,
  deliveryPayload: (deliveryId: string) => `deliveries.payload:${deliveryId}`,
  triggerPath: (triggerId: string) => `triggers.path:${triggerId}`,
  triggerSecret: (triggerId: string) => `triggers.secret:${triggerId}`,
  runTrigger: (runId: string) => `runs.trigger:${runId}`,
  runVariables: (runId: string) => `runs.variables:${runId}`,
  variableValue: (orgId: string, name: string) => `variables.value:${orgId}:${name}`,
  runFork: (runId: string) => `runs.fork:${runId}`,
  runOutput: (runId: string) => `runs.output:${runId}`,
  stepInput: (runId: string, path: string, ordinal: number) => `run_steps.input:${runId}:${path}:${ordinal}`,
  stepOutput: (runId: string, path: string, ordinal: number) => `run_steps.output:${runId}:${path}:${ordinal}`,
  deadLetterInput: (runId: string, path: string, ordinal: number) => `dead_letters.input:${runId}:${path}:${ordinal}`,
  repairJobValue: (jobId: string) => `repair_jobs.value:${jobId}`,
  alertChannelSecret: (orgId: string, channelId: string) => `alert_channels.secret:${orgId}:${channelId}`,
  eventData: (eventId: string) => `events.data:${eventId}`,
  approvalRequest: (approvalId: string) => `approvals.request:${approvalId}`,
  approvalAnswers: (approvalId: string) => `approvals.answers:${approvalId}`,
  blobPart: (orgId: string, sha256: string, part: number) => `blob_parts.sealed:${orgId}:${sha256}:${part}`,
  /** Of the content rather than the use, because a fork copies uses. */
  fileOfUse: (orgId: string, sha256: string) => `blob_uses.file:${orgId}:${sha256}`,
  effectResult: (effectKey: string) => `effects.result:${effectKey}`,
  checkpointValue: (effectKey: string, name: string) => `effect_checkpoints.value:${effectKey}:${name}`,
  secondFactorSecret: (userId: string) => `second_factors.secret:${userId}`,
  mailContent: (mailId: string) => `mails.content:${mailId}`,
  unsubscribeToken: 'unsubscribe.token',
  temporalPayload: (workflowId: string) => `temporal.payload:${workflowId}`,
} as const;
