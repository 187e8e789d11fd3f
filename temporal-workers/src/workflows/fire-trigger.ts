import { fireOfWorkflow, fireTriggerActivity } from '@everwave/schema/run';
import { ApplicationFailure, scheduleActivity, workflowInfo } from '@temporalio/workflow';

/**
 * What a schedule starts each time. It only says so in the inbox, as often as that needs: what becomes of it is decided
 * there, as for every delivery.
 */
export async function fireTrigger(): Promise<void> {
  const fire = fireOfWorkflow(workflowInfo().workflowId);
  if (!fire) throw ApplicationFailure.nonRetryable('Only a schedule of Everwave fires a trigger.', 'not_a_schedule');
  await scheduleActivity(fireTriggerActivity, [fire], {
    summary: `Due ${fire.scheduledAt}`,
    startToCloseTimeout: '30s',
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '30s' },
  });
}
