import { ask, chooseChatModel, type ChatInput, type ChatStep, type ChatVendor } from './generation.ts';

/** One reply to one prompt. A reply cut short says so in `finishReason`. */
export const generateText = async (step: ChatStep, vendor: ChatVendor, input: ChatInput) => {
  const answer = await step.once('reply', () => {
    const chosen = chooseChatModel(step, vendor, input);
    return ask(step, vendor, chosen, {
      system: input.system ?? null,
      messages: [{ role: 'user', text: input.prompt }],
      temperature: input.temperature,
      effort: input.effort,
    });
  });
  const { text, finishReason, model, modelReason, usage, usageIsEstimated = false, costUsd } = answer;
  return { text, finishReason, model, modelReason, usage, usageIsEstimated, costUsd };
};
