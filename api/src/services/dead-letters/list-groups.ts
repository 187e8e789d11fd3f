import type { DeadLetterGroup, DeadLetterGroupList, DeadLetterState } from '@everwave/schema/api';
import { fingerprintSchema } from '@everwave/schema/api';
import { flowIdSchema, repairJobIdSchema } from '@everwave/schema/ids';
import { isOpenLetter, tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, count, countDistinct, desc, eq, inArray, isNull, max, min, sql } from 'drizzle-orm';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { idOfCursor, toPage } from '../page.ts';
import { drawnField } from './drawn-step.ts';
import { isInState } from './letter-state.ts';

const { deadLetters, flows, repairJobs } = tables;

export interface GroupQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly state: DeadLetterState;
  readonly flowId?: readonly string[] | undefined;
  readonly failure?: string | undefined;
}

const lastSeen = max(deadLetters.openedAt);

/** A page ends with a moment and a fingerprint: groups are listed by when they were last seen. */
const cursorOf = (lastSeenAt: Date | null, fingerprint: string) => `${lastSeenAt?.getTime() ?? 0}_${fingerprint}`;

const seenBefore = (cursor: string | null) => {
  const [, milliseconds, fingerprint] = /^(\d{1,15})_([0-9a-f]{64})$/.exec(cursor ?? '') ?? [];
  if (milliseconds === undefined) return undefined;
  const moment = new Date(Math.min(Number(milliseconds), 8.64e15)).toISOString();
  return sql`(${lastSeen}, ${deadLetters.fingerprint}) < (${moment}::timestamptz, ${fingerprint})`;
};

/** Groups with letters in this state, the one that was seen last first. */
export const listGroups = async (
  context: Pick<ServiceContext, 'db' | 'caller' | 'permission'>,
  query: GroupQuery,
): Promise<DeadLetterGroupList> => {
  const { db, caller } = context;
  const mine = and(eq(deadLetters.orgId, caller.orgId), within(context, 'flow', deadLetters.flowId));
  const before = seenBefore(idOfCursor(query.cursor));
  return withOrg(db, caller.orgId, async (tx) => {
    const [waiting] = await tx.select({ count: count() }).from(deadLetters).where(and(mine, isOpenLetter));
    const found = await tx
      .select({
        fingerprint: deadLetters.fingerprint,
        letters: count(),
        runs: countDistinct(deadLetters.runId),
        firstSeenAt: min(deadLetters.openedAt),
        lastSeenAt: lastSeen,
      })
      .from(deadLetters)
      .where(
        and(
          mine,
          isInState[query.state],
          query.flowId ? inArray(deadLetters.flowId, [...query.flowId]) : undefined,
          query.failure ? sql`${deadLetters.failure} ->> 'name' = ${query.failure}` : undefined,
        ),
      )
      .groupBy(deadLetters.fingerprint)
      .having(before)
      .orderBy(desc(lastSeen), desc(deadLetters.fingerprint))
      .limit(query.limit + 1);
    const rows = found.map((row) => ({ ...row, id: cursorOf(row.lastSeenAt, row.fingerprint) }));
    const { items, nextCursor } = toPage(rows, query.limit, (row) => row);
    const described = await describeGroups(
      tx,
      caller.orgId,
      items.map(({ fingerprint }) => fingerprint),
    );
    return {
      items: items.flatMap(({ fingerprint, letters, runs, firstSeenAt, lastSeenAt }) => {
        const about = described.get(fingerprint);
        if (!about || !firstSeenAt || !lastSeenAt) return [];
        return [
          {
            ...about,
            letters,
            runs,
            firstSeenAt: firstSeenAt.toISOString(),
            lastSeenAt: lastSeenAt.toISOString(),
          },
        ];
      }),
      nextCursor,
      open: waiting?.count ?? 0,
    };
  });
};

export type GroupDescription = Omit<DeadLetterGroup, 'letters' | 'runs' | 'firstSeenAt' | 'lastSeenAt'>;

/** What groups are about, in the words of their newest letters. */
export const describeGroups = async (
  tx: Transaction,
  orgId: string,
  fingerprints: readonly string[],
): Promise<ReadonlyMap<string, GroupDescription>> => {
  if (fingerprints.length === 0) return new Map();
  const newest = await tx
    .selectDistinctOn([deadLetters.fingerprint], {
      fingerprint: deadLetters.fingerprint,
      flowId: deadLetters.flowId,
      flowName: flows.name,
      stepId: deadLetters.stepId,
      stepTitle: drawnField('title'),
      nodeKind: drawnField('kind'),
      failure: deadLetters.failure,
    })
    .from(deadLetters)
    .innerJoin(flows, eq(flows.id, deadLetters.flowId))
    .where(and(eq(deadLetters.orgId, orgId), inArray(deadLetters.fingerprint, [...fingerprints])))
    .orderBy(deadLetters.fingerprint, desc(deadLetters.openedAt), desc(deadLetters.id));
  const jobs = await tx
    .select({ fingerprint: repairJobs.fingerprint, id: repairJobs.id })
    .from(repairJobs)
    .where(
      and(
        eq(repairJobs.orgId, orgId),
        inArray(repairJobs.fingerprint, [...fingerprints]),
        isNull(repairJobs.finishedAt),
      ),
    );
  const jobOf = new Map(jobs.map(({ fingerprint, id }) => [fingerprint, repairJobIdSchema.parse(id)]));
  return new Map(
    newest.map(({ fingerprint, stepTitle, flowId, ...row }) => [
      fingerprint,
      {
        ...row,
        fingerprint: fingerprintSchema.parse(fingerprint),
        flowId: flowIdSchema.parse(flowId),
        stepTitle: stepTitle ?? row.stepId,
        repairJobId: jobOf.get(fingerprint) ?? null,
      },
    ]),
  );
};
