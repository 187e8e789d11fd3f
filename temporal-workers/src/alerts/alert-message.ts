import type { AlertMessage } from '@everwave/activities/worker';
import type { tables } from '@everwave/schema/db';

type Alert = typeof tables.alerts.$inferSelect;

/** What an alert says about its group, as it was written with the change that it speaks of. */
interface GroupBody {
  readonly flowId: string;
  readonly flowName: string | null;
  readonly stepId: string;
  readonly failureName: string;
  readonly failureMessage: string | null;
  readonly open: number;
  readonly total: number;
}

/** The same words for every attempt and every kind of channel. */
export const toAlertMessage = (
  { id, event, body, fingerprint, createdAt }: Pick<Alert, 'id' | 'event' | 'body' | 'fingerprint' | 'createdAt'>,
  webUrl: string | null,
): AlertMessage => {
  const common = { id, type: `dead_letters.${event}`, timestamp: createdAt.toISOString() };
  if (event === 'test') {
    return {
      ...common,
      title: 'Everwave: this is a test',
      text: `${String(body['askedBy'])} asked for this message to see that it arrives.`,
      link: webUrl && `${webUrl}/attention`,
      data: {},
    };
  }
  const group = body as unknown as GroupBody;
  const { flowName, stepId, failureName, failureMessage, open } = group;
  const where = `${flowName ?? group.flowId}, step ${stepId}`;
  const waiting = open === 1 ? '1 run waits for a person' : `${open} runs wait for a person`;
  return {
    ...common,
    title: `${flowName ?? group.flowId}: ${event === 'resolved' ? 'nothing waits any more' : waiting}`,
    text:
      event === 'resolved'
        ? `${where}: every ${failureName} was decided.`
        : `${where}: ${failureName}.${failureMessage ? ` ${failureMessage}` : ''}`,
    link: webUrl && `${webUrl}/attention/${fingerprint}`,
    data: { ...group, fingerprint },
  };
};
