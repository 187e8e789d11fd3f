import jsonata from 'jsonata';
import { guardBuiltIn, type FunctionDefinition } from './built-ins.ts';
import { explainFailure, type ExpressionFailure } from './explain-failure.ts';
import { EvaluationStop } from './evaluation-stop.ts';
import type { Guard } from './guard.ts';
import { expressionLimits } from './limits.ts';
import { compileLinearRegex } from './linear-regex.ts';
import { createRegexEngine, type CompiledPatterns } from './matching.ts';
import { followPath, throughList, toPlainPath } from './plain-path.ts';
import { copyReferenced } from './private-copy.ts';
import { findReferences, toReferenceTree, type Reference } from './references.ts';
import { freezeTree, walk, type SyntaxNode } from './syntax-tree.ts';

/** What one evaluation may use. */
export interface Session {
  readonly guard: Guard;
  /** Unix ms. */
  readonly now: number;
  readonly random: () => number;
}

export interface CompiledExpression {
  /** An empty path: any part of the scope may be read. */
  readonly references: readonly Reference[];
  /** The names of an expression that is nothing but a path; null for any other. */
  readonly plainPath: readonly string[] | null;
  /** Evaluates over a copy of what it reads of the scope. Rejects with whatever stopped it. */
  evaluate(scope: object, session: Session): Promise<unknown>;
}

export type ExpressionCompilation =
  | { readonly ok: true; readonly expression: CompiledExpression }
  | { readonly ok: false; readonly failure: ExpressionFailure };

/** JSONata's variable frame, as far as we use it. `base` is the frame of one evaluation. */
interface Frame {
  readonly base: Frame;
  RegexEngine: unknown;
  /** The time that date functions fill in where a date leaves parts out. Frames below copy it. */
  timestamp: Date;
  bind(name: string, value: unknown): void;
  lookup(name: string): unknown;
}

/** Holds the session in the evaluation's frame. No expression can spell this name. */
const sessionVariable = 'everwave.session';

// One object for all: JSONata reads it, and a frozen one cannot be widened from inside an expression.
const options = Object.freeze({ stack: expressionLimits.callDepth, sequence: expressionLimits.sequence });

const builtInNames = new Set(
  (
    'sum count max min average string substring substringBefore substringAfter lowercase uppercase length trim pad ' +
    'match contains replace split join formatNumber formatBase formatInteger parseInteger number floor ceil round abs ' +
    'sqrt power random boolean not map zip filter single reduce sift keys lookup append exists spread merge reverse ' +
    'each error assert type sort shuffle distinct base64encode base64decode encodeUrlComponent encodeUrl ' +
    'decodeUrlComponent decodeUrl toMillis fromMillis clone now millis'
  ).split(' '),
);

interface Survey {
  /** Built-ins that the expression names. */
  readonly used: ReadonlySet<string>;
  /** Operands of operators that look at their values in full depth. */
  readonly deepOperands: ReadonlySet<unknown>;
  readonly patterns: CompiledPatterns;
  readonly readsAnything: boolean;
}

/** Looks at every node once, before anything is evaluated. Throws `EvaluationStop` for what is not allowed. */
const survey = (root: SyntaxNode): Survey => {
  const named = new Map<string, SyntaxNode>();
  const bound = new Set<string>(['', '$']);
  const deepOperands = new Set<unknown>();
  const patterns: CompiledPatterns = new WeakMap();
  let readsAnything = false;
  walk(root, (node) => {
    if (node.type === 'transform') {
      // It could replace a built-in for every later expression of the process.
      throw new EvaluationStop('not_allowed', 'The transform operator | … | … | is not available; use $merge.');
    }
    if (node.type === 'parent' || node['focus'] !== undefined) readsAnything = true;
    if (node.type === 'variable' && typeof node.value === 'string') named.set(node.value, node);
    if (node.type === 'regex' && node.value instanceof RegExp) {
      patterns.set(node.value, compileLinearRegex(node.value.source, node.value.flags));
    }
    if (node.type === 'binary' && ['=', '!=', '&', 'in'].includes(String(node.value))) {
      deepOperands.add(node['lhs']).add(node['rhs']);
    }
    for (const name of boundNames(node)) bound.add(name);
  });
  for (const name of named.keys()) {
    if (name === 'eval') throw new EvaluationStop('not_allowed', '$eval is not available.');
    if (!bound.has(name) && !builtInNames.has(name)) {
      throw new EvaluationStop('not_allowed', `There is no function or variable called $${name}.`);
    }
  }
  return {
    used: new Set([...named.keys()].filter((name) => builtInNames.has(name))),
    deepOperands,
    patterns,
    readsAnything,
  };
};

const boundNames = (node: SyntaxNode): readonly string[] => {
  const names: unknown[] = [node['focus'], node['index']];
  if (node.type === 'index') names.push(node.value);
  if (node.type === 'bind') names.push((node['lhs'] as SyntaxNode | undefined)?.value);
  if (node.type === 'lambda') names.push(...(node['arguments'] as readonly SyntaxNode[]).map(({ value }) => value));
  return names.filter((name) => typeof name === 'string');
};

/** Parses one expression and ties it to its guards. The result keeps nothing of an evaluation: any number may share it. */
export const compileExpression = (source: string): ExpressionCompilation => {
  if (source.trim() === '') {
    return { ok: false, failure: { code: 'syntax', message: 'There is nothing between {{ and }}.', position: 0 } };
  }
  try {
    if (source.length > expressionLimits.sourceLength) {
      throw new EvaluationStop(
        'not_allowed',
        `An expression holds at most ${expressionLimits.sourceLength} characters; this one has ${source.length}.`,
      );
    }
    const parsed = jsonata(source, options);
    const root = parsed.ast() as unknown as SyntaxNode;
    const { used, deepOperands, patterns, readsAnything } = survey(root);
    const named = findReferences(root);
    const references = readsAnything ? [...named, { path: [], position: 0 }] : named;
    attachHooks(parsed, { used, deepOperands, patterns });
    const reads = toReferenceTree(references, readsAnything);
    const plainPath = toPlainPath(root);
    freezeTree(root);
    const evaluate: CompiledExpression['evaluate'] = async (scope, session) => {
      if (plainPath) {
        session.guard.charge(plainPath.length);
        const found = followPath(scope, plainPath);
        if (found !== throughList) return found;
      }
      return parsed.evaluate(copyReferenced(scope, reads), { [sessionVariable]: session, eval: undefined });
    };
    return { ok: true, expression: { references, plainPath, evaluate } };
  } catch (error) {
    return { ok: false, failure: explainFailure(error, 'syntax') };
  }
};

/** Hangs the guard into JSONata's own hooks: each evaluation finds its session in its frame. */
const attachHooks = (parsed: jsonata.Expression, { used, deepOperands, patterns }: Omit<Survey, 'readsAnything'>) => {
  const sessions = new WeakMap<Frame, Session>();
  const frameDepths = new WeakMap<Frame, number>();

  const begin = (base: Frame): Session => {
    const session = base.lookup(sessionVariable) as Session;
    const { guard, now, random } = session;
    base.bind(sessionVariable, undefined);
    base.RegexEngine = createRegexEngine(guard, patterns);
    base.timestamp = new Date(now);
    const native = (name: string) => (base.lookup(name) as FunctionDefinition).implementation;
    const definitions = [...used].map((name) => [name, base.lookup(name) as FunctionDefinition] as const);
    const context = { guard, now, random, native };
    const guarded = definitions.map(([name, definition]) => [name, guardBuiltIn(name, definition, context)] as const);
    for (const [name, definition] of guarded) base.bind(name, definition);
    sessions.set(base, session);
    return session;
  };

  const hook = (name: string, run: (...given: never[]) => void) => {
    // The type of `assign` knows only texts; JSONata looks its hooks up by symbol.
    parsed.assign(Symbol.for(name) as unknown as string, run);
  };
  hook('jsonata.__evaluate_entry', (_node: SyntaxNode, _input: unknown, { base }: Frame) => {
    (sessions.get(base) ?? begin(base)).guard.charge(1);
  });
  hook('jsonata.__evaluate_exit', (node: SyntaxNode, _input: unknown, { base }: Frame, result: unknown) => {
    const guard = sessions.get(base)?.guard;
    guard?.keep(result);
    if (deepOperands.has(node)) guard?.charge(guard.measure(result).weight / 256);
  });
  hook('jsonata.__createFrame_push', (enclosing: Frame, frame: Frame) => {
    const depth = (frameDepths.get(enclosing) ?? 0) + 1;
    if (depth > expressionLimits.frames) {
      throw new EvaluationStop('budget', 'The expression nests too many functions in each other.');
    }
    frameDepths.set(frame, depth);
  });
};
