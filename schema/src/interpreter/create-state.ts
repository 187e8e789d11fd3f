import type { Plan } from '../flow/plan.ts';
import { rootScope } from './place.ts';
import type { RunState, ScopeState } from './state.ts';

/** The state of a run before its `started` event. */
export const createState = (plan: Plan): RunState => ({
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
  scopes: { [rootScope]: createScope(plan, rootScope) },
  ready: [],
});

/** A fresh instance of a region: the flow itself, a frame, one iteration of a loop. */
export const createScope = (plan: Plan, region: string, { ordinal = 1, generation = 1 } = {}): ScopeState => ({
  region,
  steps: Object.fromEntries(
    (plan.regions[region]?.steps ?? []).map((stepId) => [
      stepId,
      {
        status: 'pending',
        ordinal,
        generation,
        pendingEdges: plan.steps[stepId]?.incoming.length ?? 0,
        takenEdges: 0,
      },
    ]),
  ),
});
