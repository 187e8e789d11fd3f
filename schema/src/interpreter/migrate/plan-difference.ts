import { toCanonicalJson } from '../../flow/canonical-json.ts';
import type { Plan } from '../../flow/plan.ts';

/** How a step of one version differs in another. `code` is stable. */
export interface PlanDifference {
  readonly code: 'step_absent' | 'step_changed' | 'way_changed';
  readonly stepId: string;
  readonly message: string;
}

/**
 * What differs between two versions in these steps and in the ways that lead to them. Titles and places in the drawing
 * do not count. `deep` compares a frame with all it holds.
 */
export const differencesOf = (
  from: Plan,
  to: Plan,
  stepIds: Iterable<string>,
  deep: (stepId: string) => boolean,
): PlanDifference[] => [...new Set(stepIds)].flatMap((stepId) => differenceOf(from, to, stepId, deep(stepId)) ?? []);

const differenceOf = (from: Plan, to: Plan, stepId: string, deep: boolean): PlanDifference | null => {
  const title = from.steps[stepId]?.title ?? stepId;
  if (!Object.hasOwn(to.steps, stepId)) {
    return { code: 'step_absent', stepId, message: `${title} ("${stepId}") is not in version ${to.flowVersion}.` };
  }
  if (textOf(from, stepId) !== textOf(to, stepId)) {
    const message = `${title} ("${stepId}") is set up differently in version ${to.flowVersion}.`;
    return { code: 'step_changed', stepId, message };
  }
  if (waysTo(from, stepId) !== waysTo(to, stepId)) {
    const message = `Other ways lead to ${title} ("${stepId}") in version ${to.flowVersion}.`;
    return { code: 'way_changed', stepId, message };
  }
  if (!deep) return null;
  const inside = stepsInside(from, stepId);
  const news = stepsInside(to, stepId).find((id) => !inside.includes(id));
  if (news !== undefined) {
    const message = `${title} ("${stepId}") also holds "${news}" in version ${to.flowVersion}.`;
    return { code: 'step_changed', stepId, message };
  }
  return inside.map((id) => differenceOf(from, to, id, true)).find((each) => each !== null) ?? null;
};

/** Steps in the frame of a step, without those in frames of theirs. */
export const stepsInside = (plan: Plan, stepId: string): readonly string[] =>
  (Object.hasOwn(plan.regions, stepId) && plan.regions[stepId]?.steps) || [];

const textOf = ({ steps }: Plan, stepId: string): string => {
  const {
    title: _,
    order: __,
    incoming: ___,
    outgoing: ____,
    ...step
  } = steps[stepId] ?? { title: '', order: 0, incoming: [], outgoing: [] };
  return toCanonicalJson(step);
};

const waysTo = ({ steps, edges }: Plan, stepId: string): string =>
  (steps[stepId]?.incoming ?? [])
    .map((index) => `${edges[index]?.from}:${edges[index]?.port}`)
    .toSorted()
    .join(' ');
