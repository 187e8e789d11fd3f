import { createRounds, type Rounds } from '@everwave/temporal/rounds';
import { advanceJob, type RepairTools } from './advance-job.ts';
import { claimJobs } from './claim-jobs.ts';

export interface RepairerOptions {
  /** Milliseconds between rounds when nothing asks for one. */
  readonly interval?: number;
  /** Jobs that one process works on at a time. */
  readonly batch?: number;
}

/** Carries out the repairs of whole groups. One process has a job at a time; when it dies, another goes on with it. */
export const createRepairer = (tools: RepairTools, { interval = 1_000, batch = 4 }: RepairerOptions = {}): Rounds => {
  const round = async (): Promise<number> => {
    const jobs = await claimJobs(tools.db, batch);
    await Promise.all(jobs.map((job) => advanceJob(tools, job)));
    return jobs.length;
  };
  return createRounds({ round, interval, name: 'repair', logger: tools.log });
};
