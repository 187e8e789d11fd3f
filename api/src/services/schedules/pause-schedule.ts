import { withOrg } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { getFlow } from '../flows/find-flow.ts';
import { getSchedule } from './find-schedules.ts';
import { changeSchedule } from './store-schedules.ts';

/** No time fires until it is resumed; what runs goes on. */
export const pauseSchedule = async (context: ServiceContext, id: string, reason: string): Promise<void> => {
  const { db, caller, scheduleKeeper } = context;
  await withOrg(db, caller.orgId, async (tx) => {
    const { row, flowName } = await getSchedule(tx, context, id);
    await getFlow(tx, context, row.flowId, 'lock');
    await changeSchedule(tx, id, { pausedAt: row.pausedAt ?? new Date(), pausedBy: caller.name, pauseReason: reason });
    await audit(tx, context, {
      action: 'schedule.paused',
      target: { kind: 'flow', id: row.flowId, name: flowName },
      details: { scheduleId: id, reason },
    });
  });
  scheduleKeeper.kick();
};

/** It goes on with the next time: those that passed meanwhile are not made up for. One that is not paused stays as it is. */
export const resumeSchedule = async (context: ServiceContext, id: string): Promise<void> => {
  const { db, caller, scheduleKeeper } = context;
  await withOrg(db, caller.orgId, async (tx) => {
    const { row, flowName } = await getSchedule(tx, context, id);
    if (row.pausedAt === null) return;
    await changeSchedule(tx, id, { pausedAt: null, pausedBy: null, pauseReason: null });
    await audit(tx, context, {
      action: 'schedule.resumed',
      target: { kind: 'flow', id: row.flowId, name: flowName },
      details: { scheduleId: id },
    });
  });
  scheduleKeeper.kick();
};
