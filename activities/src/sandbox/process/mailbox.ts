/** What has come from outside while QuickJS was busy, to be done between two of its turns. */
export interface Mailbox {
  put(happening: () => void): void;
  isEmpty(): boolean;
  /** Does everything that has come, in order. */
  doAll(): void;
  /** Resolves when something is there, or at the deadline. */
  wait(): Promise<void>;
}

/** `deadline` is a moment of `performance.now()`. */
export const createMailbox = (deadline: number): Mailbox => {
  const happenings: (() => void)[] = [];
  let wake = (): void => {};
  return {
    put(happening) {
      happenings.push(happening);
      wake();
    },
    isEmpty: () => happenings.length === 0,
    doAll() {
      for (const happening of happenings.splice(0)) happening();
    },
    wait: () =>
      new Promise((resolve) => {
        if (happenings.length > 0) return resolve();
        const timer = setTimeout(resolve, Math.max(0, deadline - performance.now()));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
};
