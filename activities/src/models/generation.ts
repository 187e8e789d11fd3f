import type { FailureOptions } from '../runtime/implement-node.ts';
import type { Logger } from '../runtime/ports.ts';
import type { chatFailures, modelFailures, modelMeters } from './chat-definition.ts';
import { ModelProblem, type ChatModel, type ChatReply, type ChatRequest, type Effort } from './chat-model.ts';
import { chooseModel, type ModelChoice } from './choose-model.ts';
import { costOf, type Usage } from './cost.ts';
import type { ChatModelEntry, Model, ModelRegistry, Provider } from './model-registry.ts';

/** What metering and failing need of any node's step. */
export interface ModelStep<Failure extends string = keyof typeof modelFailures> {
  readonly log: Logger;
  readonly models: ModelRegistry;
  meter(name: keyof typeof modelMeters, amount: number): void;
  failure(name: Failure, options?: FailureOptions): Error;
}

export interface ChatStep extends ModelStep<keyof typeof chatFailures> {
  once<T extends object>(name: string, make: () => Promise<T>): Promise<T>;
}

/** A node's input, as far as all chat nodes share it. */
export interface ChatInput {
  readonly model?: string | undefined;
  readonly system?: string | undefined;
  readonly prompt: string;
  readonly temperature?: number | undefined;
  readonly effort?: Effort | undefined;
  readonly maxTokens?: number | undefined;
  readonly maxCostUsd?: number | undefined;
  readonly cheaperModel?: string | undefined;
}

/** Who sells the model, and how one speaks with it. */
export interface ChatVendor {
  readonly provider: Provider;
  readonly chat: ChatModel;
  /** The connection's default model. */
  readonly defaultModel: string | undefined;
}

/** A paid answer, kept by `step.once` so that no attempt pays for it again. */
export interface Answer extends ChatReply {
  readonly modelReason: string;
  readonly costUsd: number | null;
}

type Chosen = Extract<ModelChoice<'chat'>, { ok: true }>;

/** The model of this step, by its input, its connection and the models file. Throws when the cap or a setting forbids it. */
export const chooseChatModel = (
  step: ChatStep,
  vendor: ChatVendor,
  input: ChatInput,
  { extraCharacters = 0, spentUsd = 0 } = {},
): Chosen => {
  const { models } = step;
  const choice = chooseModel(
    models,
    {
      provider: vendor.provider,
      kind: 'chat',
      model: input.model,
      connectionModel: vendor.defaultModel,
      characters: input.prompt.length + (input.system?.length ?? 0) + extraCharacters,
      outputTokens: (entry) =>
        input.maxTokens ??
        Math.min(models.defaults.maxOutputTokens, entry?.maxOutputTokens ?? Number.POSITIVE_INFINITY),
      maxCostUsd: input.maxCostUsd,
      spentUsd,
      cheaperModel: input.cheaperModel,
    },
    Date.now(),
  );
  if (!choice.ok) throw step.failure(choice.failure, { message: choice.message });
  const problem = choice.entry && findUnsupported(choice.entry, choice.outputTokens, input);
  if (problem) throw step.failure('unsupported_setting', { message: problem });
  return choice;
};

const findUnsupported = (entry: ChatModelEntry, outputTokens: number, input: ChatInput): string | null => {
  const { id, temperature, maxOutputTokens } = entry;
  if (input.temperature !== undefined && temperature === 'never') return `${id} takes no temperature.`;
  if (input.temperature !== undefined && temperature === 'without-reasoning' && input.effort !== 'none') {
    return `${id} takes a temperature only with effort none.`;
  }
  if (maxOutputTokens !== undefined && outputTokens > maxOutputTokens) {
    return `${id} writes at most ${maxOutputTokens} tokens; ${outputTokens} are asked for.`;
  }
  return null;
};

/** Asks once. Whatever was used is metered, also when the vendor charged and still said no. */
export const ask = async (
  step: ChatStep,
  vendor: ChatVendor,
  chosen: Chosen,
  request: Omit<ChatRequest, 'model' | 'maxOutputTokens'>,
): Promise<Answer> => {
  try {
    const reply = await vendor.chat.reply({ ...request, model: chosen.id, maxOutputTokens: chosen.outputTokens });
    const costUsd = meterUsage(step, chosen.entry, reply.usage);
    step.log.info('model answered', {
      model: reply.model,
      reason: chosen.reason,
      ...reply.usage,
      costUsd,
      finishReason: reply.finishReason,
    });
    return { ...reply, modelReason: chosen.reason, costUsd };
  } catch (error) {
    if (!(error instanceof ModelProblem)) throw error;
    if (error.usage) meterUsage(step, chosen.entry, error.usage);
    throw step.failure(error.problem, { message: error.message, cause: error, retryAfter: error.retryAfter });
  }
};

/** Counts tokens and USD, and returns the USD. */
export const meterUsage = (step: Pick<ModelStep, 'meter'>, entry: Model | null, usage: Usage): number | null => {
  step.meter('inputTokens', usage.inputTokens);
  step.meter('cachedInputTokens', usage.cachedInputTokens);
  step.meter('outputTokens', usage.outputTokens);
  const costUsd = costOf(entry, usage, Date.now());
  if (costUsd !== null) step.meter('costUsd', costUsd);
  return costUsd;
};
