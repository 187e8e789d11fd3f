import { costOf, estimateTokens } from './cost.ts';
import {
  findModel,
  type ChatModelEntry,
  type EmbeddingModelEntry,
  type ModelRegistry,
  type Provider,
} from './model-registry.ts';

type Entries = { readonly chat: ChatModelEntry; readonly embedding: EmbeddingModelEntry };

export interface ModelWish<Kind extends keyof Entries> {
  readonly provider: Provider;
  readonly kind: Kind;
  /** What the step names. */
  readonly model: string | undefined;
  /** What its connection names. */
  readonly connectionModel: string | undefined;
  /** Characters that will be sent. */
  readonly characters: number;
  /** The most the model may write, in tokens, by what is known of it. */
  readonly outputTokens: (entry: Entries[Kind] | null) => number;
  /** USD that the step may cost, and what its first reply has cost already when this is about a repair. */
  readonly maxCostUsd: number | undefined;
  readonly spentUsd?: number;
  /** Taken in place of the first one when that is over the cap. */
  readonly cheaperModel: string | undefined;
}

export type ModelChoice<Kind extends keyof Entries> =
  | {
      readonly ok: true;
      readonly id: string;
      /** What the models file knows of it. */
      readonly entry: Entries[Kind] | null;
      readonly outputTokens: number;
      /** Why this one, in a sentence. */
      readonly reason: string;
      /** The most it can cost, in USD; `null` without a price. */
      readonly estimateUsd: number | null;
    }
  | { readonly ok: false; readonly failure: 'cost_cap_exceeded' | 'price_unknown'; readonly message: string };

/** Which model answers, before anything is sent: the named one, the connection's, the models file's, or the cheaper one. */
export const chooseModel = <Kind extends keyof Entries>(
  registry: ModelRegistry,
  wish: ModelWish<Kind>,
  now: number,
): ModelChoice<Kind> => {
  const [id, why] = firstChoice(registry, wish);
  const first = weigh(registry, wish, id, now);
  const { maxCostUsd, spentUsd = 0, cheaperModel } = wish;
  if (maxCostUsd === undefined) return { ok: true, ...first, reason: why };
  const fits = (estimateUsd: number) => spentUsd + estimateUsd <= maxCostUsd;
  const unsent = spentUsd > 0 ? 'The repair was not sent.' : 'Nothing was sent.';
  if (first.estimateUsd === null) return priceUnknown(id, unsent);
  if (fits(first.estimateUsd)) return { ok: true, ...first, reason: why };

  const spent = spentUsd > 0 ? `, of which ${usd(spentUsd)} is spent` : '';
  const over = `${id} may cost up to ${usd(first.estimateUsd)}, over the cap of ${usd(maxCostUsd)}${spent}`;
  if (cheaperModel === undefined) return { ok: false, failure: 'cost_cap_exceeded', message: `${over}. ${unsent}` };
  const second = weigh(registry, wish, cheaperModel, now);
  if (second.estimateUsd === null) return priceUnknown(cheaperModel, unsent);
  if (fits(second.estimateUsd)) return { ok: true, ...second, reason: `The cheaper model: ${over}.` };
  return {
    ok: false,
    failure: 'cost_cap_exceeded',
    message: `${over}; ${cheaperModel} up to ${usd(second.estimateUsd)}. ${unsent}`,
  };
};

const firstChoice = <Kind extends keyof Entries>(
  { defaults }: ModelRegistry,
  { provider, kind, model, connectionModel }: ModelWish<Kind>,
): readonly [string, string] => {
  if (model !== undefined) return [model, 'The step names it.'];
  if (connectionModel !== undefined) return [connectionModel, 'The connection’s default.'];
  const known: Readonly<Partial<Record<Provider, string>>> = defaults[kind];
  const byFile = known[provider];
  if (byFile === undefined) throw new Error(`The models file has no default ${kind} model for ${provider}.`);
  return [byFile, 'The default of the models file.'];
};

const weigh = <Kind extends keyof Entries>(registry: ModelRegistry, wish: ModelWish<Kind>, id: string, now: number) => {
  const entry = findModel(registry, { provider: wish.provider, kind: wish.kind, id }) as Entries[Kind] | null;
  const outputTokens = wish.outputTokens(entry);
  const usage = { inputTokens: estimateTokens(wish.characters), cachedInputTokens: 0, outputTokens };
  return { id, entry, outputTokens, estimateUsd: costOf(entry, usage, now) };
};

const priceUnknown = (id: string, unsent: string) => ({
  ok: false as const,
  failure: 'price_unknown' as const,
  message: `The models file has no price for ${id}, so the cap cannot be kept. ${unsent}`,
});

/** `$0.0012`: two digits that matter. */
const usd = (amount: number): string =>
  `$${amount >= 1 ? amount.toFixed(2) : Number(amount.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 10, useGrouping: false })}`;
