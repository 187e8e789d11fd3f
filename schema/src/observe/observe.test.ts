import { describe, expect, it } from 'vitest';
import { boundedLabel } from './bounded-label.ts';
import { logFormat, redactText } from './log-format.ts';
import { mayReadMetrics } from './metrics-access.ts';

describe('who may read metrics', () => {
  const request = { token: null, authorization: undefined, peer: '127.0.0.1', forwarded: false };

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.1', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['10.0.0.7', false],
    ['::ffff:10.0.0.7', false],
    ['127.0.0.1.example.com', false],
    ['unknown', false],
    [undefined, false],
  ])('without a token, %s: %s', (peer, expected) => {
    expect(mayReadMetrics({ ...request, peer })).toBe(expected);
  });

  it('is nobody behind a proxy on this machine, unless there is a token', () => {
    expect(mayReadMetrics({ ...request, forwarded: true })).toBe(false);
    const withToken = { ...request, token: 'a-long-token', forwarded: true, peer: '10.0.0.7' };
    expect(mayReadMetrics({ ...withToken, authorization: 'Bearer a-long-token' })).toBe(true);
  });

  it.each([
    undefined,
    '',
    'a-long-token',
    'Bearer ',
    'Bearer a-long-toke',
    'Bearer a-long-token2',
    'Bearer b-long-token',
  ])('with a token, even this machine is refused with %j', (authorization) => {
    expect(mayReadMetrics({ ...request, token: 'a-long-token', authorization })).toBe(false);
  });
});

describe('redaction', () => {
  it.each([
    ['postgres://everwave:hunter2@db:5432/x refused', 'postgres://[redacted]@db:5432/x refused'],
    ['sent "authorization: Bearer abc.def-ghi_123"', 'sent "authorization: Bearer [redacted]"'],
    ['POST https://x.example/hooks/AbCdEf0123456789 404', 'POST https://x.example/hooks/[redacted] 404'],
    ['mail to ada@example.com, route /hooks/:token', 'mail to ada@example.com, route /hooks/:token'],
  ])('%s', (given, expected) => {
    expect(redactText(given)).toBe(expected);
  });

  it('leaves a line of JSON a line of JSON', () => {
    const line = JSON.stringify({ message: 'at "smtp://u:p\\"ss@h" with Bearer 12345678\n', next: 'x@y' });
    expect(JSON.parse(redactText(line))).toMatchObject({ next: 'x@y' });
  });

  it('names fields at three depths, in the form that pino reads', () => {
    const { paths } = logFormat({ service: 'api', level: 'info' }).redact;
    expect(paths).toEqual(expect.arrayContaining(['["password"]', '*["password"]', '*.*["set-cookie"]']));
  });
});

it('gives the first values their own label and the rest one together', () => {
  const label = boundedLabel(2);
  expect(['a', 'b', 'c', 'a', 'd'].map(label)).toEqual(['a', 'b', 'other', 'a', 'other']);
});
