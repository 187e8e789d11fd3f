import type { RunFlowInput, RunFlowResult } from '@everwave/schema/run';
import type { VersioningBehavior } from '@temporalio/common';
import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import { runFlow } from './run-flow.ts';

/**
 * Executes the items of a part of a loop, as `runFlow` would: everything in it has the path and the effect key that it
 * has there. Its answers and its end go to the workflow that has started it.
 */
export const runBatch = (given: RunFlowInput): Promise<RunFlowResult> => runFlow(given);

/** Temporal refuses it of workers that are in no deployment. */
const inDeployments = (versioningBehavior: VersioningBehavior) => () =>
  workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior } : {};

// A batch lasts minutes and ends on the version of the workers on which it began; a run may last weeks, and follows the newest.
setWorkflowOptions(inDeployments('PINNED'), runBatch);
setWorkflowOptions(inDeployments('AUTO_UPGRADE'), runFlow);
