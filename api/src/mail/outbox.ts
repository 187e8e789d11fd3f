import { randomUUIDv7 } from 'node:crypto';
import { type Mailer, MailNotTaken } from '@everwave/activities/mail';
import { type Database, tables, type Transaction, withSystem } from '@everwave/schema/db';
import { additionalData, BrokenSeal, type SystemSeal } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { createRounds, type Rounds } from '@everwave/temporal/rounds';
import { and, asc, eq, inArray, isNull, lt, lte, sql } from 'drizzle-orm';
import type { PgUpdateSetSource } from 'drizzle-orm/pg-core';
import type { Mail } from './mail.ts';

const { mails } = tables;

export interface OutboxTools {
  readonly db: Database;
  readonly seal: SystemSeal;
  /** Null without a mail server: mails wait for one, and the status of the system says so. */
  readonly mailer: Mailer | null;
  readonly log: Logger;
}

/** What Everwave tells people by mail. */
export interface Outbox extends Rounds {
  /** False without a mail server: mails wait. */
  readonly isSet: boolean;
  /** Written in the transaction of the change it speaks of: neither exists without the other. Sent soon after. */
  write(tx: Transaction, to: string, mail: Mail): Promise<void>;
  /** The same work and the same row, of a mail that goes to nobody: so that an address that nobody has takes as long. */
  writeUnsent(tx: Transaction, to: string, mail: Mail): Promise<void>;
}

type Row = typeof mails.$inferSelect;

/** Seconds after which a mail whose process died is tried by another one: longer than an attempt takes. */
const claimSeconds = 60;
/** 5 s, 10 s, 20 s, … at most a quarter of an hour, until the mail has no use any more. */
const pause = { first: 5, longest: 900 } as const;
const keptDays = 30;

export const createOutbox = (tools: OutboxTools, { interval = 1_000, batch = 10 } = {}): Outbox => {
  const round = async (): Promise<number> => {
    await giveUpExpired(tools.db);
    if (!tools.mailer) return 0;
    const claimed = await claim(tools.db, batch);
    await Promise.all(claimed.map((row) => send(tools, row)));
    return claimed.length;
  };
  const toRow = (to: string, { kind, goodFor, ...content }: Mail) => {
    const id = randomUUIDv7();
    return {
      id,
      kind,
      recipient: to,
      contentSealed: tools.seal.seal(JSON.stringify(content), additionalData.mailContent(id)),
      expiresAt: new Date(Date.now() + goodFor * 1_000),
    };
  };
  return {
    ...createRounds({ round, interval, name: 'mail', logger: tools.log }),
    isSet: tools.mailer !== null,
    write: async (tx, to, mail) => {
      await tx.insert(mails).values(toRow(to, mail));
    },
    writeUnsent: async (tx, to, mail) => {
      // Over from the beginning, though nothing was sent; it is forgotten with the others.
      await tx.insert(mails).values({ ...toRow(to, mail), sentAt: new Date() });
    },
  };
};

const isWaiting = and(isNull(mails.sentAt), isNull(mails.gaveUpAt));

const claim = (db: Database, limit: number): Promise<Row[]> =>
  withSystem(db, async (tx) => {
    const due = await tx
      .select({ id: mails.id })
      .from(mails)
      .where(and(isWaiting, lte(mails.nextAttemptAt, sql`now()`)))
      .orderBy(asc(mails.nextAttemptAt))
      .limit(limit)
      .for('update', { skipLocked: true });
    if (due.length === 0) return [];
    const ids = due.map(({ id }) => id);
    return tx
      .update(mails)
      .set({
        attempts: sql`${mails.attempts} + 1`,
        nextAttemptAt: sql`now() + make_interval(secs => ${claimSeconds})`,
      })
      .where(inArray(mails.id, ids))
      .returning();
  });

const send = async ({ db, seal, mailer, log }: OutboxTools, row: Row): Promise<void> => {
  const { id, kind, recipient, contentSealed, attempts } = row;
  const about = { mailId: id, kind, attempt: attempts };
  try {
    const content = JSON.parse(seal.open(contentSealed ?? new Uint8Array(), additionalData.mailContent(id))) as Omit<
      Mail,
      'kind' | 'goodFor'
    >;
    await mailer?.send({ id, to: [recipient], ...content });
    await settle(db, id, { sentAt: new Date(), lastError: null, contentSealed: null });
    log.info('mail sent', about);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn('mail not sent', { ...about, reason });
    // A seal that does not open never will; a database that is away settles nothing, and the claim runs out.
    const isFinal = error instanceof MailNotTaken ? error.isFinal : error instanceof BrokenSeal;
    const seconds = Math.min(pause.longest, pause.first * 2 ** Math.min(attempts - 1, 12));
    await settle(db, id, {
      lastError: reason,
      ...(isFinal
        ? { gaveUpAt: new Date(), contentSealed: null }
        : { nextAttemptAt: sql`now() + make_interval(secs => ${seconds})` }),
    }).catch(() => undefined);
  }
};

/** Of two processes that both tried, because one was slow, the first to settle is the one that counts. */
const settle = async (db: Database, id: string, change: PgUpdateSetSource<typeof mails>): Promise<void> => {
  await withSystem(db, (tx) =>
    tx
      .update(mails)
      .set(change)
      .where(and(eq(mails.id, id), isWaiting)),
  );
};

/** A link that works no longer is not worth a mail; and what is long over is forgotten. */
const giveUpExpired = (db: Database): Promise<void> =>
  withSystem(db, async (tx) => {
    await tx
      .update(mails)
      .set({
        gaveUpAt: sql`now()`,
        contentSealed: null,
        lastError: sql`coalesce(${mails.lastError}, 'It was not sent in time.')`,
      })
      .where(and(isWaiting, lt(mails.expiresAt, sql`now()`)));
    await tx.delete(mails).where(lt(mails.createdAt, sql`now() - make_interval(days => ${keptDays})`));
  });
