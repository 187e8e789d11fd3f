import type { ActionStep, OnFailure, Plan, PlanStep } from '../../flow/plan.ts';
/** What a test says of a step; the rest is filled in. */
type Draft<Step extends PlanStep = PlanStep> = Step extends PlanStep
  ? Pick<Step, 'type'> & Partial<Omit<Step, 'type' | 'incoming' | 'outgoing' | 'order' | 'region'>>
  : never;
export declare const anAction: (changes?: Partial<Omit<ActionStep, 'type'>>) => Draft<ActionStep>;
/** `'a -> b'`, or `'a:error -> b'` for another port than `out`. */
type Edge = string;
export interface PlanDraft {
  /** In dispatch order. A trigger named `start` is put in front. */
  readonly steps: {
    readonly [id: string]: Draft;
  };
  readonly edges: readonly Edge[];
  readonly onFailure?: OnFailure;
}
/** A plan from a few words: steps in order, edges as text. */
export declare const aPlan: ({ steps: drafts, edges: drawn, onFailure }: PlanDraft) => Plan;
export {};
