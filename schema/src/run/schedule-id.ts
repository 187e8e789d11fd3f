/** The Temporal schedule of a trigger, and the start of the ids of the workflows that it starts. */
export const scheduleIdOf = (orgId: string, triggerId: string): string => `t/${orgId}/s/${triggerId}`;

const scheduleId = /^t\/(org_[0-9a-f]{32})\/s\/(trg_[0-9a-f]{32})$/;

/** Null for an id that is none of ours. */
export const triggerOfSchedule = (id: string): { readonly orgId: string; readonly triggerId: string } | null => {
  const [, orgId, triggerId] = scheduleId.exec(id) ?? [];
  return orgId === undefined || triggerId === undefined ? null : { orgId, triggerId };
};

const fireId = /^(.+)-(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)$/;

/** A schedule and the time for which it fires, out of the id that Temporal gives to the workflow it starts. */
export const fireOfWorkflow = (
  workflowId: string,
): { readonly orgId: string; readonly triggerId: string; readonly scheduledAt: string } | null => {
  const [, id, scheduledAt] = fireId.exec(workflowId) ?? [];
  const address = id === undefined ? null : triggerOfSchedule(id);
  return address && scheduledAt !== undefined ? { ...address, scheduledAt } : null;
};
