import { compileExpression, type ExpressionCompilation } from './compile-expression.ts';

/** What may be remembered at once. Together some 20 MiB, when expressions are as long as people write them. */
export interface CompilationLimits {
  readonly entries: number;
  /** Characters of all sources together. */
  readonly characters: number;
}

type Compile = (source: string) => ExpressionCompilation;

/**
 * `compile`, with what it gave remembered: the least recently used is forgotten first. A refusal is remembered, too,
 * unless it may be the stack's fault, which was another one then.
 */
export const rememberCompilations = (compile: Compile, { entries, characters }: CompilationLimits): Compile => {
  const remembered = new Map<string, ExpressionCompilation>();
  let held = 0;

  const forget = (source: string): void => {
    if (remembered.delete(source)) held -= source.length;
  };

  return (source) => {
    const known = remembered.get(source);
    if (known) {
      remembered.delete(source);
      remembered.set(source, known);
      return known;
    }
    // A text of its own: a piece of a longer one would keep all of that in memory.
    const own = JSON.parse(JSON.stringify(source)) as string;
    const compilation = compile(own);
    if (own.length > characters || (!compilation.ok && compilation.failure.code === 'budget')) return compilation;
    remembered.set(own, compilation);
    held += own.length;
    for (const oldest of remembered.keys()) {
      if (remembered.size <= entries && held <= characters) break;
      forget(oldest);
    }
    return compilation;
  };
};

/**
 * Compiles each expression once per process, whichever runs use it. They share nothing but the compilation, which no
 * evaluation changes: what an evaluation keeps is in its own frames.
 */
export const compiledExpression: Compile = rememberCompilations(compileExpression, {
  entries: 1_000,
  characters: 250_000,
});
