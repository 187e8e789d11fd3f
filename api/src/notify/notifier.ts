import { tables, toLoggable, withSystem } from '@everwave/schema/db';
import { createRounds, type Rounds } from '@everwave/temporal/rounds';
import { unsubscribeLink } from '../services/identity/unsubscribe.ts';
import { findRecipients } from './find-recipients.ts';
import type { Notice, NotifyTools } from './notice.ts';
import { findOpenGroups } from './open-groups.ts';
import { findWaitingApprovals } from './waiting-approvals.ts';

/**
 * Mails people about what waits for them, in every API process at once. Each thing is told of once: that it was, and the
 * mails, are written in one transaction.
 */
export const createNotifier = (tools: NotifyTools, { interval = 2_000, batch = 20 } = {}): Rounds => {
  const round = async (): Promise<number> => {
    // Once there is a mail server, people hear of what still waits then, rather than of all that ever did.
    if (!tools.outbox.isSet) return 0;
    const notices = [...(await findWaitingApprovals(tools, batch)), ...(await findOpenGroups(tools, batch))];
    let told = 0;
    for (const notice of notices) {
      try {
        await tell(tools, notice);
        told += 1;
      } catch (error) {
        // The others do not wait for it.
        tools.log.warn('people not notified, will be tried again', { ...notice.about, error: toLoggable(error) });
      }
    }
    return told;
  };
  return createRounds({ round, interval, name: 'notification', logger: tools.log });
};

const tell = ({ db, outbox, seal, settings, log }: NotifyTools, notice: Notice): Promise<void> =>
  withSystem(db, async (tx) => {
    const { about, thingId } = notice;
    const { orgId, kind } = about;
    const written = await tx
      .insert(tables.notifiedThings)
      .values({ orgId, kind, thingId })
      .onConflictDoNothing()
      .returning({ thingId: tables.notifiedThings.thingId });
    // Another process was faster.
    if (written.length === 0) return;
    const people = await notice.choose(tx, await findRecipients(tx, about));
    for (const { userId, email } of people) {
      await outbox.write(tx, email, notice.toMail(unsubscribeLink({ seal, settings }, { orgId, userId, kind })));
    }
    log.info('people notified', { orgId, kind, thingId, people: people.length });
  });
