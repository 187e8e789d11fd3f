export type { Command, RunTransition, StepTransition } from './command.ts';
export type { Actor, KernelEvent, Repair } from './event.ts';
export type { RunState, ScopeState, StepState } from './state.ts';
