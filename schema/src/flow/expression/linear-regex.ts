import { RE2JS } from 're2js';
import { EvaluationStop } from './evaluation-stop.ts';

/** A regular expression that takes time in proportion to its text, whatever the pattern (RE2). */
export interface LinearRegex {
  /** Instructions of the compiled pattern: what one character may cost. */
  readonly size: number;
  /** First match at or after `from`, in UTF-16 units. */
  match(text: string, from: number): { readonly index: number; readonly groups: (string | undefined)[] } | null;
}

const maximumSize = 1_000;

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
    size,
    match(text, from) {
      const matcher = compiled.matcher(text);
      if (!matcher.find(from)) return null;
      const groups: (string | undefined)[] = [];
      for (let group = 0; group <= matcher.groupCount(); group += 1) groups.push(matcher.group(group) ?? undefined);
      return { index: matcher.start(), groups };
    },
  };
};
