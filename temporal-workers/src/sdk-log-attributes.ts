type Attributes = Readonly<Record<string, unknown>>;

/** Of a run, or of a host that carries several. */
const workflowIdForm = /^t\/([^/]+)\/(?:r\/([^/]+)|h\/[^/]+)$/;

/**
 * Attributes of a line that comes from the Temporal SDK, under our names: the workflow's id becomes `orgId` and `runId`,
 * an activity's id the step's `path`, Temporal's own run id `temporalRunId`. What a workflow says itself wins. Task
 * tokens are left out.
 */
export const toLogAttributes = (meta: Attributes = {}): Attributes => {
  const {
    taskEncoded: _,
    task: __,
    taskToken: ___,
    workflowId,
    workflowRunId,
    runId,
    activityId,
    error,
    ...rest
  } = meta;
  const [, org, run] = (typeof workflowId === 'string' && workflowIdForm.exec(workflowId)) || [];
  const given = typeof runId === 'string' ? runId : undefined;
  // Only a line of ours names one of our runs; the SDK's own ones give Temporal's id there.
  const isOurs = given?.startsWith('run_') ?? false;
  const temporalRunId = workflowRunId ?? (isOurs ? undefined : given);
  return {
    ...(workflowId === undefined ? {} : { workflowId }),
    ...(org === undefined ? {} : { orgId: org }),
    ...(run === undefined ? {} : { runId: run }),
    ...(temporalRunId === undefined ? {} : { temporalRunId }),
    ...(activityId === undefined ? {} : { path: activityId }),
    ...rest,
    ...(isOurs ? { runId: given } : {}),
    ...(error === undefined ? {} : { error }),
  };
};
