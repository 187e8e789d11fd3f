import type { Plan } from '../flow/plan.ts';
import type { Repair } from './event.ts';
import type { RunState } from './state.ts';

/** `code` is stable, for machines; `message` is for whoever asked for the repair. */
export type RepairVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Whether a repair may be applied now. Pure: update validators call it before anything enters history. */
export const checkRepair = (_plan: Plan, _state: RunState, _repair: Repair): RepairVerdict => ({ ok: true });
