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
  /** USD that this step may still cost. */
  readonly maxCostUsd: number | undefined;
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
  const { maxCostUsd, cheaperModel } = wish;
  if (maxCostUsd === undefined) return { ok: true, ...first, reason: why };
  if (first.estimateUsd === null) return priceUnknown(id);
  if (first.estimateUsd <= maxCostUsd) return { ok: true, ...first, reason: why };

  const over = `${id} may cost up to ${usd(first.estimateUsd)}, over the cap of ${usd(maxCostUsd)}`;
  if (cheaperModel === undefined)
    return { ok: false, failure: 'cost_cap_exceeded', message: `${over}. Nothing was sent.` };
  const second = weigh(registry, wish, cheaperModel, now);
  if (second.estimateUsd === null) return priceUnknown(cheaperModel);
  if (second.estimateUsd <= maxCostUsd) return { ok: true, ...second, reason: `The cheaper model: ${over}.` };
  return {
    ok: false,
    failure: 'cost_cap_exceeded',
    message: `${over}; ${cheaperModel} up to ${usd(second.estimateUsd)}. Nothing was sent.`,
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

const priceUnknown = (id: string) => ({
  ok: false as const,
  failure: 'price_unknown' as const,
  message: `The models file has no price for ${id}, so the cap cannot be kept. Nothing was sent.`,
});

/** `$0.0012`: two digits that matter. */
export const usd = (amount: number): string =>
  `$${amount >= 1 ? amount.toFixed(2) : Number(amount.toPrecision(2)).toLocaleString('en', { maximumFractionDigits: 10, useGrouping: false })}`;
