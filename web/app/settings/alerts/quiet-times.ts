const choices: readonly (readonly [seconds: number, words: string])[] = [
  [300, '5 minutes'],
  [900, '15 minutes'],
  [3_600, 'an hour'],
  [21_600, '6 hours'],
  [86_400, 'a day'],
];

/** The quiet times that are offered, and the one that is set, whoever set it. */
export const quietTimes = (current: number): typeof choices =>
  choices.some(([seconds]) => seconds === current)
    ? choices
    : [...choices, [current, `${current} seconds`] as const].toSorted(([one], [other]) => one - other);

export const quietWords = (seconds: number): string =>
  quietTimes(seconds).find(([each]) => each === seconds)?.[1] ?? `${seconds} seconds`;
