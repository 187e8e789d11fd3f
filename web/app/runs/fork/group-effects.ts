import type { ForkPreview } from '@everwave/schema/api';

type Effect = ForkPreview['effects'][number];

/** The effects of one step: in a loop there is one for each item, and a person decides about all of them together. */
export interface EffectGroup {
  readonly stepId: string;
  readonly title: string;
  readonly effects: readonly Effect[];
}

export const groupEffects = ({ effects }: Pick<ForkPreview, 'effects'>): readonly EffectGroup[] =>
  [...Map.groupBy(effects, ({ stepId }) => stepId)].map(([stepId, group]) => ({
    stepId,
    title: group[0]?.title ?? stepId,
    effects: group,
  }));

/** What is accepted when these steps are ticked; null while one is not. */
export const acceptedOf = (preview: ForkPreview, ticked: ReadonlySet<string>): readonly string[] | null => {
  const ids = groupEffects(preview).map(({ stepId }) => stepId);
  return ids.every((stepId) => ticked.has(stepId)) ? ids : null;
};

const words: Readonly<Record<Effect['state'] | 'kept', string>> = {
  confirmed: 'happened',
  sent: 'was sent',
  unsure: 'may have happened',
  underWay: 'is under way',
  undone: 'happened, and was undone',
  kept: 'was undone, and is not done again',
};

/** `happened`, or `3 happened, 1 may have happened`. */
export const describeGroup = ({ effects }: EffectGroup): string => {
  const counts = [...Map.groupBy(effects, ({ state, isKept }) => (isKept ? 'kept' : state))];
  const [only] = counts;
  if (only && effects.length === 1) return words[only[0]];
  return counts.map(([state, group]) => `${group.length} ${words[state]}`).join(', ');
};
