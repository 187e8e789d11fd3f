import type { PlanStep } from '../flow/plan.ts';

/** True of a step that runs only to undo another one. */
export const isUndo = (step: PlanStep): boolean => step.type === 'action' && step.undoes !== undefined;
