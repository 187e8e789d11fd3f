import type * as z from 'zod';
import { ModelProblem } from '../../../models/chat-model.ts';
import { chooseModel } from '../../../models/choose-model.ts';
import { meterUsage } from '../../../models/generation.ts';
import { implementNode, type Step } from '../../../runtime/implement-node.ts';
import { createOpenAiClient, explainOpenAiError } from '../client.ts';
import { openaiCreateEmbeddings } from './definition.ts';

type Input = z.output<typeof openaiCreateEmbeddings.input>;
type EmbeddingStep = Step<typeof openaiCreateEmbeddings>;

/** One number of a vector as text: a 32-bit float has seven digits that mean something. */
const digits = 8;
const bytesPerNumber = 12;

export const createEmbeddings = implementNode(openaiCreateEmbeddings, {
  // A repeat costs money and changes nothing on the other side, so there is no doubt for a person to clear up.
  safetyOf: () => ({ by: 'nature' }),

  async run(step, input) {
    return step.once('vectors', async () => {
      const chosen = choose(step, input);
      checkSize(step, input, chosen.entry?.dimensions ?? 0);
      const { data, model, usage } = await embed(step, chosen.id, input);
      const inputTokens = usage.prompt_tokens;
      const costUsd = meterUsage(step, chosen.entry, { inputTokens, cachedInputTokens: 0, outputTokens: 0 });
      step.log.info('model answered', { model, reason: chosen.reason, inputTokens, costUsd });
      const vectors = data.toSorted((one, other) => one.index - other.index).map(({ embedding }) => embedding);
      if (vectors.length !== input.texts.length) {
        throw step.failure('provider_error', {
          message: `${vectors.length} vectors came back for ${input.texts.length} texts.`,
        });
      }
      return {
        items: input.texts.map((text, index) => ({ text, vector: (vectors[index] ?? []).map(shorten) })),
        dimensions: vectors[0]?.length ?? 0,
        model,
        modelReason: chosen.reason,
        usage: { inputTokens },
        costUsd,
      };
    });
  },
});

const shorten = (value: number): number => Number(value.toPrecision(digits));

const choose = (step: EmbeddingStep, input: Input) => {
  const choice = chooseModel(
    step.models,
    {
      provider: 'openai',
      kind: 'embedding',
      model: input.model,
      connectionModel: undefined,
      characters: input.texts.reduce((sum, text) => sum + text.length, 0),
      outputTokens: () => 0,
      maxCostUsd: input.maxCostUsd,
      cheaperModel: undefined,
    },
    Date.now(),
  );
  if (!choice.ok) throw step.failure(choice.failure, { message: choice.message });
  return choice;
};

/** Bytes of texts and vectors as JSON that one step makes. */
const largestAnswer = 1_048_576;

/** Before anything is paid for. */
const checkSize = (step: EmbeddingStep, { texts, dimensions }: Input, modelDimensions: number): void => {
  const texted = texts.reduce((sum, text) => sum + Buffer.byteLength(JSON.stringify(text)), 0);
  const bytes = texted + texts.length * (dimensions ?? modelDimensions) * bytesPerNumber;
  if (bytes <= largestAnswer) return;
  throw step.failure('too_many_texts', {
    message: `${texts.length} texts with their vectors make about ${bytes} bytes; ${largestAnswer} are possible.`,
  });
};

const embed = async (step: EmbeddingStep, model: string, { texts, dimensions }: Input) => {
  const client = await createOpenAiClient(step, step.connection);
  try {
    return await client.embeddings.create(
      { model, input: [...texts], ...(dimensions === undefined ? {} : { dimensions }) },
      { signal: step.signal },
    );
  } catch (error) {
    const explained = await explainOpenAiError(error);
    if (!(explained instanceof ModelProblem)) throw explained;
    const { problem, message, retryAfter } = explained;
    // Nobody declines to make vectors.
    throw step.failure(problem === 'refused' ? 'invalid_request' : problem, { message, cause: explained, retryAfter });
  }
};
