import type { PlanStep } from '../flow/plan.ts';
import type { Place } from './place.ts';
import { changeStep, planStepAt, setStep, stepAt, type Turn } from './turn.ts';

/**
 * Settles a step's out-edges: those of `port` are taken, all others are dead; with `null` all are dead. A step whose
 * in-edges are all settled is ready when one was taken, and otherwise dead itself: dead-path elimination, so that a
 * merge knows what not to wait for.
 */
export const settleEdges = (turn: Turn, place: Place, port: string | null): void => {
  const waves: { readonly place: Place; readonly port: string | null }[] = [{ place, port }];
  for (let wave = waves.shift(); wave; wave = waves.shift()) {
    for (const index of planStepAt(turn, wave.place).outgoing) {
      const edge = turn.plan.edges[index];
      if (!edge) throw new Error(`The plan has no edge ${index}.`);
      const target = { scope: wave.place.scope, stepId: edge.to };
      const arrival = arriveAt(turn, target, edge.port === wave.port);
      if (arrival === 'ready') turn.state.ready.push(target);
      if (arrival === 'dead') {
        changeStep(turn, target, { status: 'skipped' });
        waves.push({ place: target, port: null });
      }
    }
  }
};

/** What an edge does to the step it leads to. A merge may be ready before all its edges are settled; the rest is late. */
const arriveAt = (turn: Turn, target: Place, isTaken: boolean): 'ready' | 'dead' | 'waits' => {
  const step = stepAt(turn, target);
  const pendingEdges = step.pendingEdges - 1;
  const takenEdges = step.takenEdges + (isTaken ? 1 : 0);
  setStep(turn, target, { ...step, pendingEdges, takenEdges });
  if (step.status !== 'pending') return 'waits';
  const wanted = edgesWanted(planStepAt(turn, target));
  if (isTaken && takenEdges === wanted) return 'ready';
  if (pendingEdges > 0 || takenEdges >= wanted) return 'waits';
  return takenEdges > 0 ? 'ready' : 'dead';
};

/** How many taken edges make a step ready before the others are settled. */
export const edgesWanted = (step: PlanStep): number =>
  step.type === 'merge' && step.policy.join === 'count' ? step.policy.count : Number.POSITIVE_INFINITY;

/** Takes the ready step that comes first in the plan's order, whatever the order in which steps became ready, among those that may begin. */
export const takeReady = (turn: Turn, mayBegin: (place: Place) => boolean): Place | undefined => {
  const { ready } = turn.state;
  const order = (place: Place) => planStepAt(turn, place).order;
  const first = ready.reduce<Place | undefined>(
    (best, place) => ((best === undefined || order(place) < order(best)) && mayBegin(place) ? place : best),
    undefined,
  );
  if (first) turn.state.ready = ready.filter((place) => place !== first);
  return first;
};
