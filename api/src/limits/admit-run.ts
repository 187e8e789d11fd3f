import { tables, type Transaction } from '@everwave/schema/db';
import { limitSubjects, type RunLimit, type WhenFull } from '@everwave/schema/run';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { problem } from '../problems.ts';
import { lockPlaces, readRunLimits, readRunUsage } from './read-run-limits.ts';
import { freeInFlow, freeInOrg } from './run-limits.ts';

const { flows, limits } = tables;

/** Part of a query over flows: what the flow does with a run over the limit; null where nothing is set. */
export const whenFullOfFlow = sql<WhenFull | null>`(
  select ${limits.whenFull} from ${limits}
  where ${limits.orgId} = ${flows.orgId} and ${limits.kind} = 'runs'
    and ${limits.subject} in (${flows.id}, ${limitSubjects.eachFlow})
  order by ${limits.subject} = ${limitSubjects.eachFlow} limit 1
)`;

export const readWhenFull = async (tx: Transaction, orgId: string, flowId: string): Promise<WhenFull | null> => {
  const rows = await tx
    .select({ subject: limits.subject, whenFull: limits.whenFull })
    .from(limits)
    .where(
      and(
        eq(limits.orgId, orgId),
        eq(limits.kind, 'runs'),
        inArray(limits.subject, [limitSubjects.flow(flowId), limitSubjects.eachFlow]),
      ),
    );
  const own = rows.find(({ subject }) => subject !== limitSubjects.eachFlow);
  return (own ?? rows[0])?.whenFull ?? null;
};

/** `line`: it waits where it must. `own`: it has a place. Else there is none, and its flow does not let it wait. */
export type Admission =
  | { readonly place: 'line' | 'own' }
  | { readonly place: 'none'; readonly whenFull: 'refuse' | 'skip'; readonly why: string; readonly retryAfter: number };

/**
 * Decides for a flow that refuses or skips, and keeps the decision true until the transaction, which adds the run, has
 * ended. Others' runs stand in the line.
 */
export const admitRun = async (
  tx: Transaction,
  orgId: string,
  flowId: string,
  whenFull: WhenFull | null,
): Promise<Admission> => {
  if (whenFull !== 'refuse' && whenFull !== 'skip') return { place: 'line' };
  await lockPlaces(tx, orgId);
  const set = await readRunLimits(tx, orgId);
  const usage = await readRunUsage(tx, orgId, set);
  const full = freeInFlow(set, usage, flowId) <= 0 ? set.of(flowId) : freeInOrg(set, usage) <= 0 ? set.org : null;
  if (full === null) return { place: 'own' };
  const whose = full === set.org ? 'The organisation' : 'The flow';
  return {
    place: 'none',
    whenFull,
    why: `${whose} is at its limit: ${limitInWords(full)}.`,
    retryAfter: pauseOf(full),
  };
};

/** The refusal of a run that its flow does not let wait. */
export const limitReached = ({ why, retryAfter }: Extract<Admission, { place: 'none' }>) =>
  problem('run_limit_reached', `${why} Nothing was started; try again later, or raise the limit.`, {
    headers: { 'retry-after': String(retryAfter) },
  });

export const limitInWords = ({ atOnce, rate }: RunLimit): string =>
  [
    ...(atOnce === null ? [] : [`${atOnce} ${atOnce === 1 ? 'run' : 'runs'} at once`]),
    ...(rate === null ? [] : [`${rate.count} in ${rate.seconds} s`]),
  ].join(', ');

/** Seconds after which it is worth asking again. */
const pauseOf = ({ rate }: RunLimit): number => (rate === null ? 5 : Math.max(1, Math.ceil(rate.seconds / rate.count)));
