import { generateText as generate } from '../../../models/generate-text.ts';
import { implementNode } from '../../../runtime/implement-node.ts';
import { createOpenAiChat } from '../chat.ts';
import { openaiGenerateText } from './definition.ts';

export const generateText = implementNode(openaiGenerateText, {
  // A repeat costs money and changes nothing on the other side, so there is no doubt for a person to clear up.
  safetyOf: () => ({ by: 'nature' }),

  run: (step, input) =>
    generate(
      step,
      {
        provider: 'openai',
        chat: createOpenAiChat(step, step.connection),
        defaultModel: step.connection.settings.defaultModel,
      },
      input,
    ),
});
