/**
 * Asks at most once per `milliseconds`, and once at a time, however often it is called: everybody gets the latest answer.
 * Whoever calls while the first question is on its way waits for that one.
 */
export const remember = <Answer>(milliseconds: number, ask: () => Promise<Answer>): (() => Promise<Answer>) => {
  let latest: Promise<Answer> | null = null;
  return () => {
    latest ??= ask().finally(() => {
      setTimeout(() => (latest = null), milliseconds).unref();
    });
    return latest;
  };
};
