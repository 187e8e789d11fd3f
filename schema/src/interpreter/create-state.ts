import type { Plan } from '../flow/plan.ts';
import type { RunState } from './state.ts';

/** The state of a run before its `started` event. */
export const createState = (_plan: Plan): RunState => ({
  stateVersion: 1,
  status: 'queued',
  seq: 0,
  startedAt: 0,
  triggerStepId: '',
  trigger: null,
  run: { id: '', url: '', flowName: '' },
  env: {},
  seed: 0,
  timers: {},
  vars: {},
  scopes: {},
  ready: [],
});
