import type { Limits } from '../../settings.ts';

/** Places for forms that are on their way: each needs memory for as long as its sender takes. */
export interface FormPlaces {
  /** Null where all are taken, or all of this webhook; otherwise what gives the place back. */
  enter(triggerId: string): (() => void) | null;
}

export const createFormPlaces = ({
  formsAtOnce,
  formsAtOncePerHook,
}: Pick<Limits, 'formsAtOnce' | 'formsAtOncePerHook'>): FormPlaces => {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    enter: (triggerId) => {
      const ofHook = taken.get(triggerId) ?? 0;
      if (all >= formsAtOnce || ofHook >= formsAtOncePerHook) return null;
      taken.set(triggerId, ofHook + 1);
      all += 1;
      return () => {
        const left = (taken.get(triggerId) ?? 1) - 1;
        if (left === 0) taken.delete(triggerId);
        else taken.set(triggerId, left);
        all -= 1;
      };
    },
  };
};
