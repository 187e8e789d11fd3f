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
      const isSettled = arriveAt(turn, target, edge.port === wave.port);
      if (!isSettled) continue;
      if (stepAt(turn, target).takenEdges > 0) {
        turn.state.ready.push(target);
      } else {
        changeStep(turn, target, { status: 'skipped' });
        waves.push({ place: target, port: null });
      }
    }
  }
};

/** True when this was the last edge that the step waited for. */
const arriveAt = (turn: Turn, target: Place, isTaken: boolean): boolean => {
  const step = stepAt(turn, target);
  const pendingEdges = step.pendingEdges - 1;
  setStep(turn, target, { ...step, pendingEdges, takenEdges: step.takenEdges + (isTaken ? 1 : 0) });
  return pendingEdges === 0 && step.status === 'pending';
};

/** Takes the ready step that comes first in the plan's order, whatever the order in which steps became ready. */
export const takeReady = (turn: Turn): Place | undefined => {
  const { ready } = turn.state;
  const order = (place: Place) => planStepAt(turn, place).order;
  const first = ready.reduce<Place | undefined>(
    (best, place) => (best === undefined || order(place) < order(best) ? place : best),
    undefined,
  );
  if (first) turn.state.ready = ready.filter((place) => place !== first);
  return first;
};
