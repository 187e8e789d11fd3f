import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { costOf } from './cost.ts';
import { loadModelRegistry } from './load-model-registry.ts';
import { findModel, parseModelRegistry, priceAt } from './model-registry.ts';

const good = `
defaults:
  chat: { openai: small, anthropic: tall }
  embedding: { openai: vectors }
  maxOutputTokens: 1000
models:
  - { id: small, provider: openai, kind: chat, prices: [{ validFrom: 2026-01-01, input: 1, output: 2 }] }
  - { id: tall, provider: anthropic, kind: chat, prices: [{ validFrom: 2026-01-01, input: 1, output: 2 }] }
  - { id: vectors, provider: openai, kind: embedding, dimensions: 8, prices: [{ validFrom: 2026-01-01, input: 1 }] }
`;

describe('the models file that comes with Everwave', () => {
  const registry = loadModelRegistry();

  it('has the two default models with a price today', () => {
    const { chat, embedding } = registry.defaults;
    for (const [provider, id] of Object.entries(chat) as ['openai' | 'anthropic', string][]) {
      const model = findModel(registry, { provider, kind: 'chat', id });
      expect(model && priceAt(model, Date.parse('2026-11-21'))).toMatchObject({ input: expect.any(Number) as number });
    }
    expect(findModel(registry, { provider: 'openai', kind: 'embedding', id: embedding.openai })).toMatchObject({
      dimensions: 1536,
    });
  });

  it('knows a model only where it is sold', () => {
    expect(findModel(registry, { provider: 'openai', kind: 'chat', id: 'claude-haiku-5-5' })).toBeNull();
    expect(findModel(registry, { provider: 'openai', kind: 'chat', id: 'text-embedding-3-small' })).toBeNull();
  });
});

describe('prices', () => {
  const withPrices = (prices: string) =>
    findModel(parseModelRegistry(good.replace('[{ validFrom: 2026-01-01, input: 1, output: 2 }]', prices), 'x.yaml'), {
      provider: 'openai',
      kind: 'chat',
      id: 'small',
    });

  it('are those of the day, and none before the first', () => {
    const model = withPrices('[{ validFrom: 2026-06-01, input: 3 }, { validFrom: 2026-01-01, input: 5 }]');
    if (!model) throw new Error('The model is missing.');
    expect(priceAt(model, Date.parse('2025-12-31T23:59:59Z'))).toBeNull();
    expect(priceAt(model, Date.parse('2026-05-31T23:59:59Z'))).toMatchObject({ input: 5 });
    expect(priceAt(model, Date.parse('2026-06-01T00:00:00Z'))).toMatchObject({ input: 3 });
  });

  it('are lower for cached input and other for a long prompt', () => {
    const model = withPrices(
      '[{ validFrom: 2026-01-01, input: 2, cachedInput: 0.5, output: 10, longPrompt: { over: 1000, input: 4, output: 20 } }]',
    );
    const at = Date.parse('2026-02-01');
    const cost = (inputTokens: number, cachedInputTokens: number, outputTokens: number) =>
      costOf(model, { inputTokens, cachedInputTokens, outputTokens }, at);
    expect(cost(1000, 400, 100)).toBe((600 * 2 + 400 * 0.5 + 100 * 10) / 1e6);
    expect(cost(1001, 1, 100)).toBe((1001 * 4 + 100 * 20) / 1e6);
    expect(cost(0, 0, 0)).toBe(0);
    expect(costOf(null, { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1 }, at)).toBeNull();
  });
});

describe('a models file of one’s own', () => {
  it('changes the default model', () => {
    const folder = mkdtempSync(join(tmpdir(), 'everwave-models-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'models.yaml');
    writeFileSync(file, good);
    expect(loadModelRegistry(file).defaults.chat.openai).toBe('small');
  });

  it.each([
    ['openai: small', 'openai: smaller', '  defaults.chat.openai: smaller is not among the chat models of openai.'],
    [
      'input: 1, output: 2',
      'input: cheap',
      '  models.0.prices.0.input: Write a price in US dollars per million tokens.',
    ],
    ['2026-01-01', 'January', '  models.0.prices.0.validFrom: Write a day such as 2026-11-21.'],
    ['id: tall, provider: anthropic', 'id: small, provider: openai', '  models.1: small stands there twice.'],
    [
      'prices: [{ validFrom: 2026-01-01, input: 1, output: 2 }]',
      'prices: []',
      '  models.0.prices: Give at least one price',
    ],
    ['maxOutputTokens: 1000', 'maxTokens: 1000', '  defaults.maxOutputTokens: Write a whole number of tokens.'],
    ['models:', 'models: [', 'Block collections are not allowed'],
  ])('is refused, with its place, when %s becomes %s', (before, after, sentence) => {
    const parse = () => parseModelRegistry(good.replace(before, after), '/etc/everwave/models.yaml');
    expect(parse).toThrow('The models file /etc/everwave/models.yaml is wrong:\n');
    expect(parse).toThrow(sentence);
    expect(parse).toThrow('unset EVERWAVE_MODELS_FILE');
  });

  it('is refused when it cannot be read', () => {
    expect(() => loadModelRegistry('/nowhere/models.yaml')).toThrow(
      'The models file /nowhere/models.yaml cannot be read (ENOENT). Correct EVERWAVE_MODELS_FILE, or unset it.',
    );
  });
});
