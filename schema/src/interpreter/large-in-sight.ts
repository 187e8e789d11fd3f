import { compiledExpression } from '../flow/expression/compiled-expressions.ts';
import type { EvaluationRequest } from '../flow/expression/evaluation-request.ts';
import type { ExpressionScope } from '../flow/expression/evaluator.ts';
import { copyReferenced } from '../flow/expression/private-copy.ts';
import { isPrefix, type Path, readsWithin } from '../flow/expression/reading.ts';
import { toReferenceTree } from '../flow/expression/references.ts';
import { parseTemplate } from '../flow/expression/template.ts';
import type { Json, Template } from '../flow/plan.ts';
import type { LargeValue } from '../run/large-value.ts';
import type { ScopeState } from './state.ts';
import type { Turn } from './turn.ts';
import { placedAt } from './value.ts';

/** A value that is kept outside of the run, and what expressions call it. */
export interface LargePlace {
  readonly path: Path;
  readonly large: LargeValue;
}

/** The large values that expressions of a scope can read: outputs of its steps and of those around it, and variables. */
export const largeInSight = ({ state }: Turn, chain: readonly ScopeState[]): readonly LargePlace[] => [
  ...chain.flatMap(({ steps }) =>
    Object.entries(steps).flatMap(([stepId, { large }]): LargePlace[] =>
      large ? [{ path: ['steps', stepId, 'output'], large }] : [],
    ),
  ),
  ...Object.entries(state.largeVars ?? {}).map(([name, large]): LargePlace => ({ path: ['vars', name], large })),
];

/** Whether more of a large value is read than was brought along. */
export const lacks = ({ path, large }: LargePlace, reads: readonly Path[]): boolean =>
  readsWithin(path, reads).some((rest) => !large.excerpt?.paths.some((known) => isPrefix(known, rest)));

/** The large value that a template hands on as a whole: `{{ steps.fetch.output }}` and nothing else. */
export const plainReadOf = (template: Template, large: readonly LargePlace[]): LargeValue | null => {
  if (large.length === 0 || typeof template !== 'string') return null;
  const parsed = parseTemplate(template);
  const [only] = parsed.ok ? parsed.segments : [];
  if (!parsed.ok || parsed.segments.length !== 1 || only?.type !== 'expression') return null;
  const compiled = compiledExpression(only.source);
  const names = compiled.ok ? compiled.expression.plainPath : null;
  const place = names && large.find(({ path }) => path.length === names.length && isPrefix(path, names));
  return place?.large ?? null;
};

/** What an evaluation outside is given: the part of the scope that is read, and which large values belong where. */
export const requestFor = (
  work: EvaluationRequest['work'],
  {
    reads,
    large,
    scope,
  }: { readonly reads: readonly Path[]; readonly large: readonly LargePlace[]; readonly scope: ExpressionScope },
): Pick<EvaluationRequest, 'work' | 'scope' | 'references'> => ({
  work,
  scope: copyReferenced(
    scope,
    toReferenceTree(
      reads.map((path) => ({ path, position: 0 })),
      false,
    ),
  ) as { readonly [name: string]: Json },
  references: large
    .filter(({ path }) => reads.some((read) => isPrefix(read, path) || isPrefix(path, read)))
    .map(({ path, large: value }) => placedAt(path, value)),
});
