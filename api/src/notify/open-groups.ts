import { tables, type Transaction, withSystem } from '@everwave/schema/db';
import { and, asc, eq, isNotNull, isNull, not, sql } from 'drizzle-orm';
import { runsWaitingMail } from '../mail/templates/runs-waiting.ts';
import { isNotified, type Notice, type NotifyTools } from './notice.ts';

const { alertChannels, deadLetterGroups, flows, organizations } = tables;

/** A group that was empty for a while and opens again is spoken of again. */
const opening = sql<string>`${deadLetterGroups.fingerprint} || ' ' || (extract(epoch from ${deadLetterGroups.openSince}) * 1000)::bigint`;

/** Groups of dead letters that wait for a person and that nobody was mailed about, the oldest first. */
export const findOpenGroups = async ({ db, settings }: NotifyTools, limit: number): Promise<Notice[]> => {
  const rows = await withSystem(db, (tx) =>
    tx
      .select({ group: deadLetterGroups, thingId: opening, flowName: flows.name, orgName: organizations.name })
      .from(deadLetterGroups)
      .innerJoin(flows, eq(flows.id, deadLetterGroups.flowId))
      .innerJoin(organizations, eq(organizations.id, deadLetterGroups.orgId))
      .where(
        and(
          isNotNull(deadLetterGroups.openSince),
          isNull(deadLetterGroups.emptiedAt),
          not(isNotified(tx, deadLetterGroups.orgId, 'failures', opening)),
        ),
      )
      .orderBy(asc(deadLetterGroups.openSince), asc(deadLetterGroups.fingerprint))
      .limit(limit),
  );
  return rows.map(({ group: { orgId, flowId, fingerprint, stepId, failureName }, thingId, flowName, orgName }) => {
    const link = `${settings.webUrl}/attention/${fingerprint}`;
    return {
      about: { orgId, flowId, kind: 'failures', permission: 'deadLetters:repair' },
      thingId,
      choose: async (tx, people) => {
        const alerted = await alertedBy(tx, orgId);
        return people.filter(({ email }) => !alerted.has(email));
      },
      toMail: (unsubscribe) => runsWaitingMail({ flowName, orgName, stepId, failureName, link, unsubscribe }),
    };
  });
};

/** Whom the org's own alerts reach by mail: they have heard of it. */
const alertedBy = async (tx: Transaction, orgId: string): Promise<ReadonlySet<string>> => {
  const channels = await tx
    .select({ settings: alertChannels.settings })
    .from(alertChannels)
    .where(and(eq(alertChannels.orgId, orgId), eq(alertChannels.kind, 'email'), eq(alertChannels.isOn, true)));
  const addresses = channels.flatMap(({ settings }) => settings['to'] as readonly string[]);
  return new Set(addresses.map((address) => address.toLowerCase()));
};
