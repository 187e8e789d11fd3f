import type { TryStep } from '../flow/plan.ts';
import type { Failure } from '../run/status.ts';
import type { Place } from './place.ts';
import { scopeAt } from './scopes.ts';
import { planStepAt, type Turn } from './turn.ts';

/** Who takes a failure that the step itself has no way out for. */
export type Catcher =
  /** The instance of a frame that ends with it. */
  | { readonly type: 'frame'; readonly scope: string }
  /** It happened in a `finally`: nothing around it takes it. */
  | { readonly type: 'cleanup' }
  | { readonly type: 'nobody' };

export const catches = ({ catches: names }: TryStep, name: string): boolean => names === null || names.includes(name);

/** Looks from the inside out. A loop that parks its items lets what is around it decide. */
export const catcherOf = (turn: Turn, { scope }: Place, { name }: Failure): Catcher => {
  let path = scope;
  for (;;) {
    const { owner } = scopeAt(turn, path);
    if (!owner) return { type: 'nobody' };
    const frame = planStepAt(turn, owner);
    if (frame.type === 'finally') return { type: 'cleanup' };
    if (frame.type === 'try' && catches(frame, name)) {
      return { type: 'frame', scope: path };
    }
    if (frame.type === 'forEach' && frame.onItemFailure !== 'park') return { type: 'frame', scope: path };
    path = owner.scope;
  }
};
