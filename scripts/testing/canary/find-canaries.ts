import { type Encoding, spellingsOf } from './spellings.ts';

export interface Hit {
  readonly where: string;
  /** The name of the canary, never itself: a report is kept. */
  readonly canary: string;
  readonly encoding: Encoding;
}

export interface Haystack {
  /** What was searched, for whoever reads of a hit. */
  readonly where: string;
  readonly content: string;
  /** Canaries that may be seen here, such as a value by whoever may read the run. */
  readonly mayHold?: readonly string[];
}

/** Where any of these texts stands, in any spelling. `canaries` are by name. */
export const findCanaries = (
  canaries: Readonly<Record<string, string>>,
  haystacks: readonly Haystack[],
): readonly Hit[] => {
  const known = Object.entries(canaries).map(([name, text]) => ({ name, spellings: spellingsOf(text) }));
  return haystacks.flatMap(({ where, content, mayHold = [] }) =>
    known
      .filter(({ name }) => !mayHold.includes(name))
      .flatMap(({ name, spellings }) => {
        const found = new Set(spellings.filter(({ text }) => content.includes(text)).map(({ encoding }) => encoding));
        return [...found].map((encoding) => ({ where, canary: name, encoding }));
      }),
  );
};
