import type { BuiltInContext, Native } from './built-ins.ts';
import type { Guard } from './guard.ts';
import { compileLinearRegex, type LinearRegex } from './linear-regex.ts';

/** What JSONata's matchers return: one match, and a function for the next. */
interface Match {
  readonly match: string;
  readonly next?: unknown;
}

const isMatch = (value: unknown): value is Match => typeof value === 'object' && value !== null && 'match' in value;

/** The same matcher, with `onMatch` called for each match before anything is made of it. Other values are left alone. */
export const guardMatcher = (matcher: unknown, onMatch: (match: Match) => void): unknown => {
  if (typeof matcher !== 'function') return matcher;
  const wrap = (found: unknown): unknown => {
    if (!isMatch(found)) return found;
    onMatch(found);
    return { ...found, next: guardMatcher(found.next, onMatch) };
  };
  return function (this: unknown, ...given: unknown[]): unknown {
    const found: unknown = matcher.apply(this, given);
    return found instanceof Promise ? found.then(wrap) : wrap(found);
  };
};

/** `$replace` that stops before its result grows too long. */
export const replaceWithGuard = ({ guard }: BuiltInContext, native: Native): Native =>
  function (this: unknown, text: unknown, pattern: unknown, replacement: unknown, limit: unknown) {
    if (typeof text !== 'string') return native.call(this, text, pattern, replacement, limit);
    let produced = text.length;
    const produce = (characters: number) => {
      produced += characters;
      guard.allowText(produced);
    };

    if (typeof pattern === 'string') {
      const size = String(replacement).length;
      for (
        let at = text.indexOf(pattern);
        at !== -1 && pattern !== '';
        at = text.indexOf(pattern, at + pattern.length)
      ) {
        produce(size);
      }
      return native.call(this, text, pattern, replacement, limit);
    }
    const references = typeof replacement === 'string' ? replacement.split('$').length - 1 : 0;
    const matcher = guardMatcher(pattern, ({ match }) => {
      guard.charge(1);
      if (typeof replacement === 'string') produce(replacement.length + references * String(match).length);
    });
    if (typeof replacement !== 'function') return native.call(this, text, matcher, replacement, limit);
    const replacer = async function (this: unknown, ...given: unknown[]): Promise<unknown> {
      const substitute: unknown = await replacement.apply(this, given);
      if (typeof substitute === 'string') produce(substitute.length);
      return substitute;
    };
    return native.call(this, text, matcher, replacer, limit);
  };

/** Patterns compiled once per expression; JSONata's parser makes one RegExp object per literal. */
export type CompiledPatterns = WeakMap<RegExp, LinearRegex>;

/** What JSONata constructs for each regular expression it evaluates: RegExp's interface over a linear engine. */
export const createRegexEngine = (guard: Guard, patterns: CompiledPatterns): (new (literal: RegExp) => object) =>
  class {
    lastIndex = 0;
    readonly #pattern: LinearRegex;

    constructor(literal: RegExp) {
      const known = patterns.get(literal) ?? compileLinearRegex(literal.source, literal.flags);
      patterns.set(literal, known);
      this.#pattern = known;
    }

    exec(text: string): object | null {
      const from = Math.min(this.lastIndex, text.length);
      const found = this.#pattern.match(text, from, (steps) => guard.charge(steps));
      this.lastIndex = found ? found.index + (found.groups[0]?.length ?? 0) : 0;
      return found && Object.assign([...found.groups], { index: found.index, input: text });
    }
  };
