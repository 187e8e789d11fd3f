/**
 * What this history has asked of other workflows and Temporal has not confirmed: starts of them, and messages to them. A new
 * history would begin without it: Temporal drops what a workflow that has ended had still to send, and its answer.
 */
export interface Unconfirmed {
  /** Counts it until it is settled. */
  readonly track: <Reply>(asked: Promise<Reply>) => Promise<Reply>;
  readonly count: () => number;
}

export const createUnconfirmed = (): Unconfirmed => {
  let open = 0;
  return {
    track: async (asked) => {
      open += 1;
      try {
        return await asked;
      } finally {
        open -= 1;
      }
    },
    count: () => open,
  };
};
