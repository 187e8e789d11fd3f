import { type Database, tables, withSystem } from '@everwave/schema/db';
import { and, count, isNull, min, sql } from 'drizzle-orm';

const { mails } = tables;

export interface MailBacklog {
  readonly waiting: number;
  readonly oldestMs: number;
  /** Mails of the last day that were given up. */
  readonly gaveUp: number;
  /** Of those that wait, what the last attempt said; null when none was made. */
  readonly lastError: string | null;
}

/** What the installation has to tell people and has not got rid of. */
export const measureMails = (db: Database): Promise<MailBacklog> =>
  withSystem(db, async (tx) => {
    const [waiting] = await tx
      .select({ count: count(), oldest: min(mails.createdAt), lastError: sql<string | null>`max(${mails.lastError})` })
      .from(mails)
      .where(and(isNull(mails.sentAt), isNull(mails.gaveUpAt)));
    const [over] = await tx
      .select({ count: count() })
      .from(mails)
      .where(sql`${mails.gaveUpAt} > now() - interval '1 day'`);
    return {
      waiting: waiting?.count ?? 0,
      oldestMs: waiting?.oldest ? Math.max(0, Date.now() - waiting.oldest.getTime()) : 0,
      gaveUp: over?.count ?? 0,
      lastError: waiting?.lastError ?? null,
    };
  });
