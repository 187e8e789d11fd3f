import type { NotificationKind } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { type AnyColumn, and, eq, exists, type SQL, sql } from 'drizzle-orm';
import type { AppDependencies } from '../context.ts';
import type { Mail } from '../mail/mail.ts';
import type { About, Recipient } from './find-recipients.ts';

const { notifiedThings } = tables;

export type NotifyTools = Pick<AppDependencies, 'db' | 'ring' | 'seal' | 'outbox' | 'settings' | 'log'>;

/** Something that people are to be mailed about. */
export interface Notice {
  readonly about: About;
  /** Under which it is remembered that they were. */
  readonly thingId: string;
  /** Of those who may and want to hear of it, the ones it is for. */
  choose(tx: Transaction, people: readonly Recipient[]): Promise<readonly Recipient[]>;
  toMail(unsubscribe: string): Mail;
}

export const isNotified = (tx: Transaction, orgId: AnyColumn, kind: NotificationKind, thingId: AnyColumn | SQL) =>
  exists(
    tx
      .select({ one: sql`1` })
      .from(notifiedThings)
      .where(
        and(
          eq(notifiedThings.orgId, orgId),
          eq(notifiedThings.kind, kind),
          sql`${notifiedThings.thingId} = ${thingId}`,
        ),
      ),
  );
