import type { DeadLetter, DeadLetterList } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { deadLetterIdSchema, flowIdSchema, runIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, count, desc, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { ServiceContext } from '../../context.ts';
import { runUrl } from '../../settings.ts';
import { idOfCursor, toPage } from '../page.ts';
import { toMoment } from '../runs/to-run.ts';

const { deadLetters, flows } = tables;
const last = alias(deadLetters, 'last');

export interface DeadLetterQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly state: 'open' | 'resolved';
  readonly flowId?: readonly string[] | undefined;
  readonly fingerprint?: string | undefined;
}

/** Their ids do not sort by age: a worker derives them, so that a letter reported twice is one row. */
const olderThan = (tx: Transaction, orgId: string, deadLetterId: string) => {
  const cursor = tx
    .select({ openedAt: last.openedAt, id: last.id })
    .from(last)
    .where(and(eq(last.orgId, orgId), eq(last.id, deadLetterId)));
  return sql`(${deadLetters.openedAt}, ${deadLetters.id}) < (${cursor})`;
};

interface FoundDeadLetter {
  readonly id: string;
  readonly letter: typeof deadLetters.$inferSelect;
  readonly flowName: string;
}

/** Steps whose attempts are used up, newest first, with the input they failed with. */
export const listDeadLetters = async (context: ServiceContext, query: DeadLetterQuery): Promise<DeadLetterList> => {
  const { db, caller } = context;
  const after = idOfCursor(query.cursor);
  const mine = eq(deadLetters.orgId, caller.orgId);
  const { rows, open } = await withOrg(db, caller.orgId, async (tx) => {
    const [waiting] = await tx
      .select({ count: count() })
      .from(deadLetters)
      .where(and(mine, isNull(deadLetters.resolvedAt)));
    const found = await tx
      .select({ id: deadLetters.id, letter: deadLetters, flowName: flows.name })
      .from(deadLetters)
      .innerJoin(flows, eq(flows.id, deadLetters.flowId))
      .where(
        and(
          mine,
          query.state === 'open' ? isNull(deadLetters.resolvedAt) : isNotNull(deadLetters.resolvedAt),
          after ? olderThan(tx, caller.orgId, after) : undefined,
          query.flowId ? inArray(deadLetters.flowId, [...query.flowId]) : undefined,
          query.fingerprint ? eq(deadLetters.fingerprint, query.fingerprint) : undefined,
        ),
      )
      .orderBy(desc(deadLetters.openedAt), desc(deadLetters.id))
      .limit(query.limit + 1);
    return { rows: found, open: waiting?.count ?? 0 };
  });
  const { items, nextCursor } = toPage(rows, query.limit, (row) => row);
  return { items: await Promise.all(items.map((row) => toDeadLetter(context, row))), nextCursor, open };
};

const toDeadLetter = async (
  { ring, caller, settings }: ServiceContext,
  { letter, flowName }: FoundDeadLetter,
): Promise<DeadLetter> => {
  const { runId, path, ordinal, inputSealed } = letter;
  const binding = additionalData.deadLetterInput(runId, path, ordinal);
  const input = inputSealed ? { input: await ring.openJson<Json>(caller.orgId, inputSealed, binding) } : {};
  return {
    id: deadLetterIdSchema.parse(letter.id),
    runId: runIdSchema.parse(runId),
    runUrl: runUrl(settings, runId),
    flowId: flowIdSchema.parse(letter.flowId),
    flowName,
    path,
    stepId: letter.stepId,
    ordinal,
    fingerprint: letter.fingerprint,
    failure: letter.failure,
    attempts: letter.attempts,
    ...input,
    openedAt: letter.openedAt.toISOString(),
    resolvedAt: toMoment(letter.resolvedAt),
    resolution: letter.resolution,
    resolvedBy: letter.resolvedBy,
  };
};
