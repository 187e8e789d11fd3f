import { fakeAnthropicKey, startAnthropicFake } from '../connectors/anthropic/fake.ts';
import { fakeOpenAiKey, startOpenAiFake } from '../connectors/openai/fake.ts';
import type { Faults } from '../fakes/faults.ts';
import type { ModelCall } from '../fakes/model-routes.ts';
import type { ModelScript } from '../fakes/model-script.ts';
import type { FakeAddress, RunningFake } from '../fakes/serve-fake.ts';

interface FakeVendor extends RunningFake {
  readonly faults: Faults;
  readonly calls: ModelCall[];
  readonly script: ModelScript;
  reset(): void;
}

/** What the tests of the chat nodes need to know of a vendor. */
export interface VendorForTests {
  readonly start: (address?: FakeAddress) => Promise<FakeVendor>;
  readonly credential: string;
  readonly key: string;
  readonly baseUrl: (fake: RunningFake) => string;
  /** Path of a generation. */
  readonly path: string;
  readonly models: {
    /** The default of the models file. */
    readonly usual: string;
    readonly dear: string;
    /** Takes a temperature. */
    readonly tempered: string;
    /** Reads 64 tokens, and is not in the models file. */
    readonly tiny: string;
  };
  /** A request's token limit and system prompt, as this vendor spells them. */
  readonly sent: (body: ModelCall['body']) => { readonly maxTokens: unknown; readonly system: unknown };
  readonly outOfMoney: { readonly status: number; readonly body: string };
  readonly errorBody: (type: string, message: string) => string;
}

export const openai: VendorForTests = {
  start: startOpenAiFake,
  credential: 'openai.api',
  key: fakeOpenAiKey,
  baseUrl: ({ url }) => `${url}/v1`,
  path: '/v1/chat/completions',
  models: { usual: 'gpt-6-luna', dear: 'gpt-6.1-sol', tempered: 'gpt-4.1-mini', tiny: 'tiny-local' },
  sent: ({ max_completion_tokens, messages }) => ({
    maxTokens: max_completion_tokens,
    system: (messages as { role: string; content: string }[]).find(({ role }) => role === 'system')?.content,
  }),
  // https://developers.openai.com/api/docs/guides/error-codes (read 2026-11-21)
  outOfMoney: {
    status: 429,
    body: JSON.stringify({
      error: {
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        param: null,
        code: 'insufficient_quota',
      },
    }),
  },
  errorBody: (type, message) => JSON.stringify({ error: { message, type, param: null, code: null } }),
};

export const anthropic: VendorForTests = {
  start: startAnthropicFake,
  credential: 'anthropic.api',
  key: fakeAnthropicKey,
  baseUrl: ({ url }) => url,
  path: '/v1/messages',
  models: { usual: 'claude-haiku-5-5', dear: 'claude-opus-5-5', tempered: 'claude-haiku-4-5', tiny: 'claude-tiny' },
  sent: ({ max_tokens, system }) => ({ maxTokens: max_tokens, system }),
  // https://platform.claude.com/docs/en/api/errors (read 2026-11-21)
  outOfMoney: {
    status: 400,
    body: JSON.stringify({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'Your credit balance is too low to access the Anthropic API.' },
    }),
  },
  errorBody: (type, message) => JSON.stringify({ type: 'error', error: { type, message } }),
};
