import type { Json } from '@everwave/schema/flow';
import { describe, expect, it, onTestFinished } from 'vitest';
import { generateObject as anthropicObject } from '../connectors/anthropic/generate-object/activity.ts';
import { generateText as anthropicText } from '../connectors/anthropic/generate-text/activity.ts';
import { createEmbeddings } from '../connectors/openai/create-embeddings/activity.ts';
import { generateObject as openaiObject } from '../connectors/openai/generate-object/activity.ts';
import { generateText as openaiText } from '../connectors/openai/generate-text/activity.ts';
import { createNodeHarness } from '../testing/run-node.ts';

/**
 * The real vendors, where somebody has given a key for it: EVERWAVE_LIVE_OPENAI_KEY, EVERWAVE_LIVE_ANTHROPIC_KEY, and
 * another address in EVERWAVE_LIVE_OPENAI_URL or EVERWAVE_LIVE_ANTHROPIC_URL. Costs a fraction of a cent.
 */
const live = {
  openai: {
    key: process.env['EVERWAVE_LIVE_OPENAI_KEY'],
    url: process.env['EVERWAVE_LIVE_OPENAI_URL'] ?? 'https://api.openai.com/v1',
  },
  anthropic: {
    key: process.env['EVERWAVE_LIVE_ANTHROPIC_KEY'],
    url: process.env['EVERWAVE_LIVE_ANTHROPIC_URL'] ?? 'https://api.anthropic.com',
  },
};

const schema = {
  type: 'object',
  properties: { capital: { type: 'string', description: 'Name of the city alone.' }, isCoastal: { type: 'boolean' } },
  required: ['capital', 'isCoastal'],
  additionalProperties: false,
};

const ask = async (vendor: keyof typeof live, implementation: unknown, input: { readonly [field: string]: Json }) => {
  const { key = '', url } = live[vendor];
  const { hostname, port } = new URL(url);
  const node = createNodeHarness(implementation, { allow: port === '' ? [] : [`${hostname}:${port}`] });
  onTestFinished(() => node.close());
  node.connect({ kind: `${vendor}.api`, settings: { baseUrl: url }, secret: { apiKey: key } });
  return node.run({ ...input, maxCostUsd: 0.01 }, { startToCloseTimeoutMs: 60_000 });
};

describe.each([
  ['openai', openaiText, openaiObject],
  ['anthropic', anthropicText, anthropicObject],
] as const)('%s itself', (vendor, text, object) => {
  const { key } = live[vendor];

  it.skipIf(!key)('answers with text, and counts', { timeout: 90_000 }, async () => {
    expect(await ask(vendor, text, { prompt: 'Say hello in one word.', maxTokens: 1000 })).toMatchObject({
      ok: true,
      output: { finishReason: 'stop', text: expect.stringMatching(/\w/) as string, usageIsEstimated: false },
    });
  });

  it.skipIf(!key)('answers with data that fits', { timeout: 90_000 }, async () => {
    const prompt = 'What is the capital of the Netherlands, and does it lie at the sea?';
    expect(await ask(vendor, object, { prompt, schema, maxTokens: 1000 })).toMatchObject({
      ok: true,
      output: { object: { capital: expect.any(String) as string, isCoastal: expect.any(Boolean) as boolean } },
    });
  });
});

describe('openai itself', () => {
  it.skipIf(!live.openai.key)('gives vectors', { timeout: 90_000 }, async () => {
    expect(await ask('openai', createEmbeddings, { texts: ['a', 'b'], dimensions: 16 })).toMatchObject({
      ok: true,
      output: { dimensions: 16, items: [{ text: 'a' }, { text: 'b' }] },
    });
  });
});
