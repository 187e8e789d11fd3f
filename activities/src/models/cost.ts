import { priceAt, type Model } from './model-registry.ts';

/** What one call used, as the vendor counts it. */
export interface Usage {
  /** All input, cached input included. */
  readonly inputTokens: number;
  /** The part of the input that the vendor had in its cache and charges less for. */
  readonly cachedInputTokens: number;
  /** All output, reasoning included. */
  readonly outputTokens: number;
}

export const addUsage = (one: Usage, other: Usage): Usage => ({
  inputTokens: one.inputTokens + other.inputTokens,
  cachedInputTokens: one.cachedInputTokens + other.cachedInputTokens,
  outputTokens: one.outputTokens + other.outputTokens,
});

/** Estimated price of a call in USD by the prices of that day; `null` when the models file has none. */
export const costOf = (model: Model | null, usage: Usage, now: number): number | null => {
  const price = model && priceAt(model, now);
  if (!price) return null;
  const long = price.longPrompt && usage.inputTokens > price.longPrompt.over ? price.longPrompt : null;
  const { input, output, cachedInput = input } = long ?? price;
  const cached = Math.min(usage.cachedInputTokens, usage.inputTokens);
  const millionths = (usage.inputTokens - cached) * input + cached * cachedInput + usage.outputTokens * output;
  return roundUsd(millionths / 1_000_000);
};

/** Ten decimals: far below what one token costs anywhere, and sums stay free of a float's dust. */
export const roundUsd = (amount: number): number => Math.round(amount * 1e10) / 1e10;

/** People write about 3.6 characters to a token; vendors count exactly, afterwards. */
const charactersPerToken = 3.6;

export const estimateTokens = (characters: number): number => Math.ceil(characters / charactersPerToken);
