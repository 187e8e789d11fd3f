import { describe, expect, it } from 'vitest';
import { describeChatNode, useChatNode } from '../../../testing/describe-chat-node.ts';
import { openai } from '../../../testing/model-vendors.ts';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { generateText } from './activity.ts';

const input = { prompt: 'The parcel arrived wet. Nobody answers the phone.' };

provesEveryFailure(generateText);
describeChatNode(generateText, openai, input);

describe('openai.generateText', () => {
  const bench = useChatNode(generateText, openai);

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

describe('a server that speaks OpenAI’s API', () => {
  const bench = useChatNode(generateText, openai);

  it('gets the token limit in the field it reads, and may leave the counting to us', async () => {
    bench.connect({ settings: { defaultModel: 'tiny-local', tokenLimitField: 'max_tokens' } });
    bench.fake.script.add({ withoutUsage: true });
    const ending = await bench.node.run({ ...input, maxTokens: 50 });
    expect(bench.fake.calls[0]?.body).toMatchObject({ model: 'tiny-local', max_tokens: 50 });
    expect(bench.fake.calls[0]?.body).not.toHaveProperty('max_completion_tokens');
    expect(ending).toMatchObject({
      output: { usageIsEstimated: true, costUsd: null, usage: { inputTokens: Math.ceil(input.prompt.length / 3.6) } },
    });
    expect(bench.meters()).not.toHaveProperty('costUsd');
  });

  it('takes a temperature with a model that reasons only when it shall not reason', async () => {
    expect(await bench.node.run({ ...input, temperature: 0 })).toMatchObject({
      type: 'unsupported_setting',
      message: 'gpt-6-luna takes a temperature only with effort none.',
    });
    expect(await bench.node.run({ ...input, temperature: 0, effort: 'none' })).toMatchObject({ ok: true });
    expect(bench.fake.calls[0]?.body).toMatchObject({ temperature: 0, reasoning_effort: 'none' });
  });

  it('gets organization and project, and the key alone as credential', async () => {
    bench.connect({ settings: { organization: 'org-7', project: 'proj_9' } });
    await bench.node.run(input);
    expect(bench.fake.calls[0]?.headers).toMatchObject({
      authorization: `Bearer ${openai.key}`,
      'openai-organization': 'org-7',
      'openai-project': 'proj_9',
    });
  });
});
