import { describe, expect, it } from 'vitest';
import { describeChatNode, useChatNode } from '../../../testing/describe-chat-node.ts';
import { anthropic } from '../../../testing/model-vendors.ts';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { generateText } from './activity.ts';

const input = { prompt: 'The parcel arrived wet. Nobody answers the phone.' };

provesEveryFailure(generateText);
describeChatNode(generateText, anthropic, input);

describe('anthropic.generateText', () => {
  const bench = useChatNode(generateText, anthropic);

  it('answers a prompt with text', async () => {
    expect(await bench.node.run(input)).toMatchObject({
      ok: true,
      output: { text: 'In short: The parcel arrived wet.', finishReason: 'stop' },
    });
    expect(bench.fake.calls[0]?.prompt).toBe(input.prompt);
  });

  it('says when the token limit cut the text short', async () => {
    const ending = await bench.node.run({ ...input, maxTokens: 3 });
    expect(ending).toMatchObject({ ok: true, output: { finishReason: 'length' } });
  });
});
