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
/** Bytes of JSON that a new history may begin with. Temporal takes 2 MB, and the rest of what it begins with is small. */
const largestPart = 1_500_000;
/** Events until a run that was too large to go on elsewhere is measured again. */
const measureAgain = 200;

export const createPartLimits = (input: RunFlowInput, nextPart: () => RunFlowInput): PartLimits => {
  let draining = false;
  let measuredAt = 0;
  const fits = () => utf8BytesOf(JSON.stringify(nextPart())) <= largestPart;

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

/** Half of a surrogate pair counts as a character of its own: two bytes too many for both. */
const utf8BytesOf = (text: string): number => {
  let bytes = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.codePointAt(at) ?? 0;
    if (code > 0x7f) bytes += code > 0x7_ff ? 2 : 1;
  }
  return bytes;
};
