import { tables, type Transaction } from '@everwave/schema/db';
import { generationOfFork } from '@everwave/schema/flow';
import { type ChildFork, childRunIdOf } from '@everwave/schema/interpreter';
import { type EndingRun, isClosed } from '@everwave/schema/run';
import type { StoredFork } from '@everwave/temporal/runs';
import { and, eq, sql } from 'drizzle-orm';
import type { Level } from './weigh-level.ts';

const { runs } = tables;

/** What the new run is told. `numbers`: of the fork, and of those of the sub-flows on the way; see `takeNumbers`. */
export const toOrder = (level: Level, newRunId: string, numbers: readonly number[]): StoredFork => {
  const { recorded, at, outputs, input, inner } = level;
  const ending = endingOf(level, newRunId);
  return {
    originRunId: recorded.run.id,
    originSeq: isClosed(recorded.run.status) ? null : recorded.seq,
    at,
    outputs,
    ...(inner ? { child: toChildFork(inner, numbers.slice(1)) } : input !== undefined && { input }),
    ...(ending.length > 0 && { ending }),
  };
};

const toChildFork = (
  { recorded, at, outputs, input, inner }: Level,
  [number = 1, ...more]: readonly number[],
): ChildFork => ({
  originRunId: recorded.run.id,
  rootRunId: recorded.run.rootRunId,
  at,
  outputs,
  generation: generationOfFork(number),
  ...(inner ? { child: toChildFork(inner, more) } : input !== undefined && { input }),
});

/** Open runs of sub-flows, the innermost first: one that goes on in a fork of its own names that, the others the whole. */
const endingOf = ({ at, inner, ending }: Level, forkId: string): readonly EndingRun[] => [
  ...(inner ? endingInside(inner, childRunIdOf(forkId, at, 1)) : []),
  ...ending.map(({ runId, seq }) => ({ runId, seq, byRunId: forkId })),
];

const endingInside = (inner: Level, forkId: string): readonly EndingRun[] => {
  const { run, seq } = inner.recorded;
  return [...endingOf(inner, forkId), ...(isClosed(run.status) ? [] : [{ runId: run.id, seq, byRunId: forkId }])];
};

/** Counts the forks of each root on the way to the step, one request at a time, the flow's own first. */
export const takeNumbers = async (tx: Transaction, level: Level): Promise<readonly number[]> => {
  const numbers: number[] = [];
  for (let next: Level | null = level; next; next = next.inner) {
    const { orgId, rootRunId } = next.recorded.run;
    const last = sql`coalesce((select max(fork_number) from ${runs} as forks where forks.root_run_id = ${rootRunId}), 0)`;
    const [root] = await tx
      .update(runs)
      .set({ forksMade: sql`greatest(${runs.forksMade}, ${last}) + 1` })
      .where(and(eq(runs.id, rootRunId), eq(runs.orgId, orgId)))
      .returning({ number: runs.forksMade });
    if (!root) throw new Error(`The run ${rootRunId}, whose forks are counted, is gone.`);
    numbers.push(root.number);
  }
  return numbers;
};
