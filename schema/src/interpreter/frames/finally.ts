import type { FinallyStep } from '../../flow/plan.ts';
import { frameScope } from '../place.ts';
import { dropScope, openScope } from '../scopes.ts';
import { changeStep } from '../turn.ts';
import type { Frame } from './frame.ts';

/** Begun by the try around it when everything else in that frame has ended. */
export const finallyFrame: Frame<FinallyStep> = {
  begin(turn, place) {
    changeStep(turn, place, { status: 'running' });
    openScope(turn, place, frameScope(place));
  },
  endScope(turn, owner, scopePath) {
    const { stopping } = dropScope(turn, scopePath);
    changeStep(turn, owner, { status: stopping ? 'cancelled' : 'succeeded' });
  },
  portFor: () => 'out',
  expected: 'any value',
};
