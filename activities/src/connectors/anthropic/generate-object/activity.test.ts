import { describe, expect, it } from 'vitest';
import { describeChatNode, useChatNode } from '../../../testing/describe-chat-node.ts';
import { describeObjectNode } from '../../../testing/describe-object-node.ts';
import { anthropic } from '../../../testing/model-vendors.ts';
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
describeChatNode(generateObject, anthropic, input);
describeObjectNode(generateObject, anthropic, input);

describe('anthropic.generateObject', () => {
  const bench = useChatNode(generateObject, anthropic);
  const configOf = () => bench.fake.calls[0]?.body['output_config'];

  it('has the schema enforced, without what Anthropic refuses', async () => {
    const { additionalProperties: _open, ...open } = input.schema;
    const schema = { ...open, properties: { ...open.properties, summary: { type: 'string', minLength: 3 } } };
    expect(await bench.node.run({ ...input, schema, effort: 'low' })).toMatchObject({ ok: true });
    expect(configOf()).toEqual({ effort: 'low', format: { type: 'json_schema', schema: input.schema } });
    // What is not enforced is said in words, and checked afterwards.
    expect(anthropic.sent(bench.fake.calls[0]?.body ?? {}).system).toContain('"minLength":3');
  });

  it('asks in words for what cannot be enforced', async () => {
    bench.fake.script.add({ text: '[1, 2]' });
    expect(await bench.node.run({ ...input, schema: { type: 'array', items: { type: 'integer' } } })).toMatchObject({
      output: { object: [1, 2] },
    });
    expect(configOf()).toBeUndefined();
    expect(anthropic.sent(bench.fake.calls[0]?.body ?? {}).system).toContain('{"type":"array"');
  });
});
