import type { Database } from '@everwave/schema/db';
import type { Connection } from '@everwave/temporal/client';
import { sql } from 'drizzle-orm';

/** Milliseconds that each dependency gets. */
const patience = 2_000;

export interface Watched {
  readonly db: Database;
  /** Of the Temporal worker: `RUNNING` when it takes tasks. */
  readonly state: string;
  readonly connection: Connection;
}

/** Why this worker cannot work, in words; empty when it can. The worker goes on trying: this is for whoever asks. */
export const findProblems = async ({ db, state, connection }: Watched): Promise<string[]> => {
  const found = await Promise.all([
    answers(db.execute(sql`select 1`), 'the database does not answer'),
    answers(
      connection.withDeadline(Date.now() + patience, () => connection.workflowService.getSystemInfo({})),
      'Temporal does not answer',
    ),
  ]);
  const idle = state === 'RUNNING' ? null : `the Temporal worker is ${state.toLowerCase()}`;
  return [idle, ...found].filter((problem) => problem !== null);
};

const answers = async (question: PromiseLike<unknown>, problem: string): Promise<string | null> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(problem), patience);
  });
  const answered = Promise.resolve(question).then(
    () => null,
    () => problem,
  );
  try {
    return await Promise.race([answered, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
