import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { provesEveryFailure } from '../../../testing/proves-every-failure.ts';
import { createNodeHarness, type NodeHarness } from '../../../testing/run-node.ts';
import { fakeBotToken, startSlackFake, type SlackFake } from '../fake.ts';
import { testSlackBot } from '../test-credential.ts';
import { postMessage } from './activity.ts';

const channel = 'C0000ORDERS';
const message = { channel, text: 'New order *A-1042* & more' };

provesEveryFailure(postMessage);

describe('slack.postMessage', () => {
  let fake: SlackFake;
  let node: NodeHarness;

  beforeAll(async () => {
    fake = await startSlackFake();
  });
  beforeEach(() => {
    fake.reset();
    node = createNodeHarness(postMessage, { allow: [`127.0.0.1:${fake.port}`] });
    connect(fakeBotToken);
    return () => node.close();
  });
  afterAll(() => fake.close());

  const connect = (botToken: string) =>
    node.connect({ kind: 'slack.bot', settings: { baseUrl: `${fake.url}/api/` }, secret: { botToken } });
  const answer = (error: string, extra: object = {}) =>
    fake.faults.add({
      path: '/api/chat.postMessage',
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: false, error, ...extra }),
    });
  const loseAnswer = (how: 'reset' | 'hang' | 'answer') =>
    fake.faults.add({ path: '/api/chat.postMessage', when: 'after', how });

  it('posts to a channel, marked with the effect key', async () => {
    const ending = await node.run(message);
    expect(fake.messages).toHaveLength(1);
    expect(ending).toMatchObject({ ok: true, output: { channel, ts: fake.messages[0]?.ts } });
    expect(fake.messages[0]).toMatchObject({
      text: message.text,
      metadata: {
        event_type: 'everwave_step',
        event_payload: { key: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      },
    });
  });

  it('replies in a thread', async () => {
    await node.run(message);
    const threadTs = fake.messages[0]?.ts ?? '';
    expect(await node.run({ ...message, threadTs }, { request: { path: 'reply' } })).toMatchObject({ ok: true });
    expect(fake.messages[1]).toMatchObject({ thread_ts: threadTs });
  });

  it.each([
    ['channel_not_found', 'channel_not_found'],
    ['not_in_channel', 'not_in_channel'],
    ['is_archived', 'channel_closed'],
    ['invalid_auth', 'credential_refused'],
    ['token_revoked', 'credential_refused'],
    ['msg_too_long', 'message_refused'],
  ])('ends for good when Slack says %s', async (error, type) => {
    answer(error);
    expect(await node.run(message)).toMatchObject({
      ok: false,
      type,
      retryable: false,
      message: `Slack refused the message: ${error}.`,
    });
    expect(node.effect()?.state).toBe('failed');
    expect(fake.messages).toHaveLength(0);
  });

  it('names the scope that is missing', async () => {
    answer('missing_scope', { needed: 'chat:write' });
    expect(await node.run(message)).toMatchObject({
      type: 'missing_scope',
      retryable: false,
      message: 'Slack refused the message: missing_scope (needed: chat:write).',
    });
  });

  it('knows the channels the fake refuses, and a wrong token', async () => {
    expect(await node.run({ ...message, channel: 'C0NOBODY' })).toMatchObject({ type: 'channel_not_found' });
    expect(await node.run({ ...message, channel: 'C00PRIVATE0' }, { request: { path: 'b' } })).toMatchObject({
      type: 'not_in_channel',
    });
    connect('xoxb-canary-9f8e7d6c5b4a');
    const ending = await node.run(message, { request: { path: 'c' } });
    expect(ending).toMatchObject({ type: 'credential_refused' });
    expect(JSON.stringify([ending, node.ports.lines])).not.toContain('canary');
  });

  it.each(['internal_error', 'fatal_error', 'something_new'])('tries again when Slack says %s', async (error) => {
    answer(error);
    expect(await node.run(message)).toMatchObject({
      type: 'slack_unavailable',
      retryable: true,
      details: { unsure: true },
    });
    expect(await node.run(message, { attempt: 2 })).toMatchObject({ ok: true });
    expect(fake.messages).toHaveLength(1);
  });

  it.each([500, 503])('tries again after a %i', async (status) => {
    fake.faults.add({ path: '/api/chat', status });
    expect(await node.run(message)).toMatchObject({ type: 'slack_unavailable', retryable: true });
  });

  it('waits as long as Slack asks, without spending an attempt', async () => {
    fake.faults.add({ path: '/api/chat', status: 429, headers: { 'retry-after': '25' } });
    const before = Date.now();
    const ending = await node.run(message);
    expect(ending).toMatchObject({ type: 'Deferred' });
    expect(ending.ok ? 0 : ending.details.until).toBeGreaterThanOrEqual(before + 25_000);
    answer('ratelimited');
    expect(await node.run(message)).toMatchObject({ type: 'Deferred' });
    expect(node.effect()?.state).toBe('intent');
    expect(await node.run(message)).toMatchObject({ ok: true });
    expect(fake.messages).toHaveLength(1);
  });

  describe('when an answer is lost', () => {
    it.each(['reset', 'answer'] as const)('finds the message instead of posting it twice (%s)', async (how) => {
      loseAnswer(how);
      expect(await node.run(message)).toMatchObject({ retryable: true, details: { unsure: true } });
      expect(await node.run(message, { attempt: 2 })).toMatchObject({ ok: true, output: { ts: fake.messages[0]?.ts } });
      expect(fake.messages).toHaveLength(1);
    });

    it('finds it after the worker died', async () => {
      loseAnswer('hang');
      void node.run(message);
      await expect.poll(() => fake.messages.length).toBe(1);
      expect(await node.run(message, { attempt: 2 })).toMatchObject({ ok: true });
      expect(fake.messages).toHaveLength(1);
    });

    it('finds it in its thread', async () => {
      await node.run(message);
      const threadTs = fake.messages[0]?.ts ?? '';
      loseAnswer('reset');
      const request = { path: 'reply' };
      await node.run({ ...message, threadTs }, { request });
      expect(await node.run({ ...message, threadTs }, { request, attempt: 2 })).toMatchObject({ ok: true });
      expect(fake.messages).toHaveLength(2);
    });

    it('finds it behind three hundred newer messages', async () => {
      loseAnswer('reset');
      await node.run(message);
      for (let count = 0; count < 300; count += 1) fake.messages.push({ channel, ts: nextTs(count), text: 'noise' });
      expect(await node.run(message, { attempt: 2 })).toMatchObject({ ok: true, output: { ts: fake.messages[0]?.ts } });
    });

    it('asks a person when it cannot search far enough', async () => {
      loseAnswer('reset');
      await node.run(message);
      for (let count = 0; count < 600; count += 1) fake.messages.push({ channel, ts: nextTs(count), text: 'noise' });
      expect(await node.run(message, { attempt: 2 })).toMatchObject({
        type: 'effect_unsure',
        retryable: false,
        details: { unsure: true },
      });
      expect(fake.messages.filter(({ text }) => text === message.text)).toHaveLength(1);
    });

    it('finds it in a channel that is given by name', async () => {
      loseAnswer('reset');
      await node.run({ ...message, channel: '#orders' });
      expect(await node.run({ ...message, channel: '#orders' }, { attempt: 2 })).toMatchObject({
        ok: true,
        output: { channel, ts: fake.messages[0]?.ts },
      });
      expect(fake.messages).toHaveLength(1);
    });

    it.each([
      ['/api/conversations.history', channel, 'The channel’s history cannot be read (missing_scope).'],
      ['/api/conversations.list', '#orders', 'The channel’s id cannot be found (missing_scope).'],
    ])('asks a person when it may not read %s', async (path, where, text) => {
      loseAnswer('reset');
      await node.run({ ...message, channel: where });
      const body = JSON.stringify({ ok: false, error: 'missing_scope' });
      fake.faults.add({ path, status: 200, headers: { 'content-type': 'application/json' }, body });
      expect(await node.run({ ...message, channel: where }, { attempt: 2 })).toMatchObject({
        type: 'effect_unsure',
        message: text,
      });
      expect(fake.messages).toHaveLength(1);
    });

    it('tries the look-up again when Slack does not answer it', async () => {
      loseAnswer('reset');
      await node.run(message);
      fake.faults.add({ path: '/api/conversations', status: 502 });
      expect(await node.run(message, { attempt: 2 })).toMatchObject({
        type: 'slack_unavailable',
        retryable: true,
        details: { unsure: true },
      });
      expect(await node.run(message, { attempt: 3 })).toMatchObject({ ok: true });
      expect(fake.messages).toHaveLength(1);
    });
  });

  it.each([
    [{ ...message, text: '' }, 'text: '],
    [{ ...message, text: 'x'.repeat(40_001) }, 'text: '],
    [{ text: 'x' }, 'channel: '],
    [{ ...message, threadTs: 'yesterday' }, 'threadTs: A timestamp such as'],
  ])('names the field of a bad input (%#)', async (input, field) => {
    const ending = await node.run(input);
    expect(ending).toMatchObject({ type: 'invalid_input', retryable: false });
    expect(ending.ok ? '' : ending.message).toContain(field);
  });

  it.each([
    [fakeBotToken, { ok: true, message: 'Slack knows the bot as everwave in Everwave demo.' }],
    [
      'xoxb-wrong',
      { ok: false, message: 'Slack refused the token: invalid_auth.', advice: 'Copy the bot token again.' },
    ],
  ])('tests a connection without posting (%#)', async (botToken, verdict) => {
    const probe = { fetch: node.egress.fetch, egress: node.egress, signal: AbortSignal.timeout(5000) };
    const connection = { settings: { baseUrl: `${fake.url}/api` }, secret: { botToken } };
    expect(await testSlackBot.test(probe, connection)).toEqual(verdict);
    expect(fake.messages).toHaveLength(0);
  });

  it('shows messages on a page that escapes everything', async () => {
    await node.run({ channel, text: '<script>alert(1)</script>' });
    const page = await fetch(fake.url);
    const text = await page.text();
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script>');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  });
});

/** Later than anything the fake has made, and in order. */
const nextTs = (count: number): string => `${Math.floor(Date.now() / 1000) + 60}.${String(count).padStart(6, '0')}`;
