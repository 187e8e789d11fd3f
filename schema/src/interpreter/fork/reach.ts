import type { Plan } from '../../flow/plan.ts';
import { ownerOf, type Place, placeOf, rootScope } from '../place.ts';

/** What a fork at one step means for every other one. */
export interface Reach {
  /** The fork's own step, and each frame around it, by the scope in which it stands. */
  readonly chain: ReadonlyMap<string, { readonly stepId: string; readonly index?: number | undefined }>;
  /** True of the step itself and of everything behind it: it runs again, as a new effect. */
  readonly isAgain: (place: Place) => boolean;
}

/**
 * Behind a step stands what its edges lead to, in its own frame and in those around it; in a `while` also the iterations
 * that follow; and each `finally` of a try around it. Other items of a for each do not.
 */
export const reachOf = (plan: Plan, path: string): Reach => {
  const at = placeOf(path);
  const chain = new Map<string, { stepId: string; index?: number | undefined }>();
  let inner: Place & { readonly index?: number | undefined } = at;
  for (;;) {
    chain.set(inner.scope, { stepId: inner.stepId, ...(inner.index !== undefined && { index: inner.index }) });
    const owner = ownerOf(inner.scope);
    if (!owner) break;
    inner = owner;
  }
  const behind = new Map([...chain].map(([scope, { stepId }]) => [scope, stepsBehind(plan, stepId)]));

  const isAgain = ({ scope, stepId }: Place): boolean => {
    const anchor = chain.get(scope);
    if (anchor) {
      if (stepId === anchor.stepId) return scope === at.scope;
      return behind.get(scope)?.has(stepId) === true || isCleanupOf(plan, scope, stepId, anchor.stepId);
    }
    const owner = ownerOf(scope);
    if (!owner) return false;
    const around = chain.get(owner.scope);
    if (around?.stepId !== owner.stepId || owner.scope === at.scope) return isAgain(owner);
    const isLater = owner.index !== undefined && around.index !== undefined && owner.index > around.index;
    return isLater && plan.steps[owner.stepId]?.type === 'while';
  };
  return { chain, isAgain };
};

const isCleanupOf = (plan: Plan, scope: string, stepId: string, anchor: string): boolean =>
  scope !== rootScope && stepId !== anchor && plan.steps[stepId]?.type === 'finally';

const stepsBehind = (plan: Plan, stepId: string): ReadonlySet<string> => {
  const found = new Set<string>();
  const open = [stepId];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const index of plan.steps[next]?.outgoing ?? []) {
      const to = plan.edges[index]?.to;
      if (to === undefined || found.has(to)) continue;
      found.add(to);
      open.push(to);
    }
  }
  return found;
};
