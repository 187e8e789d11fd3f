import { generateObject as generate } from '../../../models/generate-object.ts';
import { implementNode } from '../../../runtime/implement-node.ts';
import { createAnthropicChat } from '../chat.ts';
import { anthropicGenerateObject } from './definition.ts';

export const generateObject = implementNode(anthropicGenerateObject, {
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
