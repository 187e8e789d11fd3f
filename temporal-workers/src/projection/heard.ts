/**
 * What this worker has heard of a run before: `again` when another execution of a workflow task has told the same or more,
 * `first` when nothing, so that another worker may have.
 */
export type Heard = 'first' | 'further' | 'again';

export interface Memory {
  /** One workflow task, or a part of it, tells of transitions with numbers from `lowest` to `highest`. */
  hear(temporalRunId: string, runId: string, lowest: number, highest: number): Heard;
}

/**
 * Remembers how far each run has come in each Temporal run, for as many as `capacity`: those that were heard of last. A
 * workflow task that did not complete is executed again, and then counts from the same number.
 */
export const createMemory = (capacity = 10_000): Memory => {
  const known = new Map<string, number>();
  return {
    hear: (temporalRunId, runId, lowest, highest) => {
      const key = `${temporalRunId} ${runId}`;
      const before = known.get(key);
      known.delete(key);
      known.set(key, highest);
      const [oldest] = known.keys();
      if (known.size > capacity && oldest !== undefined) known.delete(oldest);
      if (before === undefined) return 'first';
      return lowest > before ? 'further' : 'again';
    },
  };
};
