const day = 24 * 60 * 60;

/** Seconds. A session that is not remembered ends a day after sign-in, or with the browser. */
export const sessionLimits = {
  /** A remembered session that nobody uses ends after this. */
  idle: 14 * day,
  /** Even one in daily use ends after this: then the password is asked for again. */
  absolute: 90 * day,
  /** How often use is noted. */
  noted: day,
} as const;

export const isOverAge = (createdAt: Date, now = Date.now()): boolean =>
  now - createdAt.getTime() > sessionLimits.absolute * 1_000;
