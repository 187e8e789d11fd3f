import type { RunFlowInput } from '@everwave/schema/run';

/** When a run goes on in a new history. The workflow and whoever folds it decide alike. */
export interface PartLimits {
  /** True from the moment when nothing new may begin in this history. To be asked after each arrival. */
  isDraining(now: { readonly historyLength: number; readonly isSuggested: boolean }): boolean;
  /** Asked when nothing is under way any more: true to go on in a new history, false to stay in this one. */
  maySwitch(): boolean;
}

/** Events after which a run goes on in a new history. */
const historyLimit = 2_000;
/** Characters of JSON that a new history may begin with. Temporal takes 2 MB; a character can be three bytes. */
const largestPart = 600_000;
/** Events until a run that was too large to go on elsewhere is measured again. */
const measureAgain = 200;

export const createPartLimits = (input: RunFlowInput, nextPart: () => RunFlowInput): PartLimits => {
  let draining = false;
  let measuredAt = 0;
  const fits = () => JSON.stringify(nextPart()).length <= largestPart;

  return {
    isDraining: ({ historyLength, isSuggested }) => {
      const isLong = isSuggested || historyLength >= (input.historyLimit ?? historyLimit);
      const isMeasured = measuredAt > 0 && historyLength < measuredAt + measureAgain;
      if (draining || !isLong || isMeasured) return draining;
      measuredAt = historyLength;
      draining = fits();
      return draining;
    },
    maySwitch: () => {
      if (fits()) return true;
      draining = false;
      return false;
    },
  };
};
