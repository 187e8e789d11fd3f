import { describe, expect, it } from 'vitest';
import { describeChatNode, useChatNode } from '../../../testing/describe-chat-node.ts';
import { describeObjectNode } from '../../../testing/describe-object-node.ts';
import { openai } from '../../../testing/model-vendors.ts';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { generateObject } from './activity.ts';

const input = {
  prompt: 'The parcel arrived wet. Nobody answers the phone.',
  schema: {
    type: 'object',
    properties: { topic: { enum: ['delivery', 'billing'] }, summary: { type: 'string' } },
    required: ['topic', 'summary'],
    additionalProperties: false,
  },
};

provesEveryFailure(generateObject);
describeChatNode(generateObject, openai, input);
describeObjectNode(generateObject, openai, input);

describe('openai.generateObject', () => {
  const bench = useChatNode(generateObject, openai);
  const formatOf = () => bench.fake.calls[0]?.body['response_format'];

  it('has a closed schema enforced strictly', async () => {
    await bench.node.run(input);
    expect(formatOf()).toEqual({
      type: 'json_schema',
      json_schema: { name: 'reply', schema: input.schema, strict: true },
    });
    expect(openai.sent(bench.fake.calls[0]?.body ?? {}).system).toBeUndefined();
  });

  it('sends a schema with optional fields as it is, and in words', async () => {
    const schema = { ...input.schema, required: ['topic'] };
    await bench.node.run({ ...input, schema });
    expect(formatOf()).toEqual({ type: 'json_schema', json_schema: { name: 'reply', schema, strict: false } });
    expect(openai.sent(bench.fake.calls[0]?.body ?? {}).system).toContain(JSON.stringify(schema));
  });

  it.each([
    ['json_object', { type: 'json_object' }],
    ['none', undefined],
  ])('asks in words where the server knows only %s', async (structuredOutput, format) => {
    bench.connect({ settings: { structuredOutput } });
    bench.fake.script.add({ text: '```json\n{"topic": "billing", "summary": "x"}\n```' });
    expect(await bench.node.run({ ...input, system: 'Be brief.' })).toMatchObject({
      output: { object: { topic: 'billing', summary: 'x' }, repaired: false },
    });
    expect(formatOf()).toEqual(format);
    expect(openai.sent(bench.fake.calls[0]?.body ?? {}).system).toMatch(/^Be brief\.\n\nReply with one JSON value/);
  });
});
