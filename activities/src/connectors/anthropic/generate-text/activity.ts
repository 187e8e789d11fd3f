import { generateText as generate } from '../../../models/generate-text.ts';
import { implementNode } from '../../../runtime/implement-node.ts';
import { createAnthropicChat } from '../chat.ts';
import { anthropicGenerateText } from './definition.ts';

export const generateText = implementNode(anthropicGenerateText, {
  // A repeat costs money and changes nothing on the other side, so there is no doubt for a person to clear up.
  safetyOf: () => ({ by: 'nature' }),

  run: (step, input) =>
    generate(
      step,
      {
        provider: 'anthropic',
        chat: createAnthropicChat(step, step.connection),
        defaultModel: step.connection.settings.defaultModel,
      },
      input,
    ),
});
