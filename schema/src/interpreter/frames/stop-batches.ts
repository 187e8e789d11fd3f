import { pathOf, type Place } from '../place.ts';
import type { OpenBatch } from '../state.ts';
import { setStep, stepAt, type Turn } from '../turn.ts';

/** Lets nothing more begin in a loop's batches: what runs in them is told to stop, and we wait to hear how they ended. */
export const stopBatches = (turn: Turn, owner: Place, evenFinally = false): void => {
  const { loop, ...step } = stepAt(turn, owner);
  if (!loop?.batches) return;
  const path = pathOf(owner);
  const closing = turn.state.closing?.status ?? null;
  const batches: { [number: string]: OpenBatch } = {};
  for (const [number, batch] of Object.entries(loop.batches)) {
    const isAsked = batch.stopping === 'all' || (batch.stopping === 'most' && !evenFinally);
    batches[number] = isAsked ? batch : { ...batch, stopping: evenFinally ? 'all' : 'most' };
    if (isAsked) continue;
    turn.commands.push({
      type: 'stopBatch',
      path,
      ordinal: step.ordinal,
      number: Number(number),
      evenFinally,
      closing,
    });
  }
  setStep(turn, owner, { ...step, loop: { ...loop, batches } });
};
