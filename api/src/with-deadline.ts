/** The work was not done in time; it may still finish. */
export class DeadlineExceeded extends Error {
  readonly code = 'ETIMEDOUT';
  constructor(milliseconds: number) {
    super(`Not done within ${milliseconds} ms.`);
    this.name = 'DeadlineExceeded';
  }
}

/** Rejects with `DeadlineExceeded` after so many milliseconds. The work itself is not stopped. */
export const withDeadline = async <T>(work: Promise<T>, milliseconds: number): Promise<T> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new DeadlineExceeded(milliseconds)), milliseconds);
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
