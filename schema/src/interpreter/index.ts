export { isDuration, toMilliseconds } from '../flow/duration.ts';
export { effectOf } from '../flow/resolve-effect.ts';
export { advance, type Advanced, type TurnCost } from './advance.ts';
export { checkRepair, type RepairVerdict } from './check-repair.ts';
export type { Command, RunTransition, StepTransition } from './command.ts';
export { createState } from './create-state.ts';
export type { Actor, ChildEnd, KernelEvent, LetterReference, Repair } from './event.ts';
export type { RunState, ScopeState, StepState } from './state.ts';
