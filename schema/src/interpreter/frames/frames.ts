import type { FrameStep, PlanStep } from '../../flow/plan.ts';
import { finallyFrame } from './finally.ts';
import { forEach } from './for-each.ts';
import type { Frame } from './frame.ts';
import { tryFrame } from './try.ts';
import { whileLoop } from './while.ts';

type Frames = { readonly [Type in FrameStep['type']]: Frame<Extract<FrameStep, { type: Type }>> };

export const frames: Frames = { forEach, while: whileLoop, try: tryFrame, finally: finallyFrame };

export const frameOf = (step: PlanStep): Frame<FrameStep> => {
  const frame = Object.hasOwn(frames, step.type) ? frames[step.type as FrameStep['type']] : undefined;
  if (!frame) throw new Error(`${step.id} holds no other steps. The state and the plan do not belong together.`);
  return frame as Frame<FrameStep>;
};
