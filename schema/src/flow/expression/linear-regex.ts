import { RE2JS } from 're2js';
import { EvaluationStop } from './evaluation-stop.ts';

/** A regular expression that takes time in proportion to its text, whatever the pattern (RE2). */
export interface LinearRegex {
  /**
   * First match at or after `from`, in UTF-16 units. What the engine reads is charged as it reads it, in steps: finding
   * one match may mean looking to the end of the text, and finding all of them may mean doing that for each.
   */
  match(text: string, from: number, charge: (steps: number) => void): RegexMatch | null;
}

export interface RegexMatch {
  readonly index: number;
  /** The match as a whole, then its groups. */
  readonly groups: readonly (string | undefined)[];
}

/** Instructions of a compiled pattern: what reading one character may cost. */
const maximumSize = 1_000;

/** A text that tells how often it is read. The engine takes any string object; it reads characters through this method. */
class CountedText extends String {
  readonly #text: string;
  readonly #onRead: () => void;

  constructor(text: string, onRead: () => void) {
    super(text);
    this.#text = text;
    this.#onRead = onRead;
  }

  override charCodeAt(index: number): number {
    this.#onRead();
    return this.#text.charCodeAt(index);
  }
}

/** Throws `EvaluationStop` for a pattern that RE2 does not have: look-around and back-references. */
export const compileLinearRegex = (source: string, flags = ''): LinearRegex => {
  let compiled: RE2JS;
  try {
    const caseless = flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0;
    const multiline = flags.includes('m') ? RE2JS.MULTILINE : 0;
    compiled = RE2JS.compile(RE2JS.translateRegExp(source), caseless | multiline);
  } catch (error) {
    const message = `The regular expression /${source.slice(0, 80)}/ cannot be used: look-ahead, look-behind, back-references and repetitions above 1000 are not available.`;
    throw new EvaluationStop('not_allowed', message, { cause: error });
  }
  const size = compiled.programSize();
  if (size > maximumSize) {
    throw new EvaluationStop('not_allowed', `The regular expression /${source.slice(0, 80)}/ is too large.`);
  }
  return {
    match(text, from, charge) {
      charge(1);
      const counted = new CountedText(text, () => charge((4 + size) / 48));
      const matcher = compiled.matcher(counted as unknown as string);
      if (!matcher.find(from)) return null;
      const groups: (string | undefined)[] = [];
      for (let group = 0; group <= matcher.groupCount(); group += 1) {
        const start = matcher.start(group);
        groups.push(start === -1 ? undefined : text.slice(start, matcher.end(group)));
      }
      return { index: matcher.start(), groups };
    },
  };
};
