import type { Session } from '@everwave/schema/api';
import { tables, withSystem } from '@everwave/schema/db';
import { and, desc, eq, gt, ne, sql } from 'drizzle-orm';
import { isOverAge } from '../../auth/session-limits.ts';
import type { PersonContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';

const { sessions } = tables;

export const listSessions = async ({ db, caller }: PersonContext): Promise<Session[]> => {
  const rows = await db
    .select()
    .from(sessions)
    .where(and(eq(sessions.userId, caller.id), gt(sessions.expiresAt, sql`now()`)))
    .orderBy(desc(sessions.updatedAt));
  return rows
    .filter(({ createdAt }) => !isOverAge(createdAt))
    .map(({ id, userAgent, createdAt, updatedAt, expiresAt }) => ({
      id,
      isCurrent: id === caller.sessionId,
      userAgent: userAgent || null,
      createdAt: createdAt.toISOString(),
      lastSeenAt: updatedAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
    }));
};

/** That browser is signed out with its next request. */
export const revokeSession = async (context: PersonContext, sessionId: string): Promise<void> => {
  const { db, caller } = context;
  await withSystem(db, async (tx) => {
    const revoked = await tx
      .delete(sessions)
      .where(and(eq(sessions.id, sessionId), eq(sessions.userId, caller.id)))
      .returning({ id: sessions.id });
    if (revoked.length === 0) throw problem('session_not_found', 'You have no such session; it may have ended.');
    await audit(tx, context, { action: 'session.revoked', target: { kind: 'session', id: sessionId } });
  });
};

export const revokeOtherSessions = async (context: PersonContext): Promise<void> => {
  const { db, caller } = context;
  await withSystem(db, async (tx) => {
    await tx.delete(sessions).where(and(eq(sessions.userId, caller.id), ne(sessions.id, caller.sessionId ?? '')));
    await audit(tx, context, { action: 'session.others_revoked', target: { kind: 'user', id: caller.id } });
  });
};
