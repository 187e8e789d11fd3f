import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { findSecrets } from './find-secrets.ts';
import { runCommand } from './run-command.ts';
import { scanForSecrets } from './scan-for-secrets.ts';

const letters = (count: number) => randomBytes(count).toString('hex').slice(0, count);

describe('the search for secrets', () => {
  it.each([
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${letters(64)}`],
    ['a key of AWS', `key: AKIA${letters(16).toUpperCase()}`],
    ['a token of GitHub', `ghp_${letters(36)}`],
    ['a token of Slack', `xoxb-${'1'.repeat(12)}-${letters(24)}`],
    ['a key of Anthropic', `sk-ant-api03-${letters(60)}`],
    ['a key of OpenAI', `sk-proj-${letters(90)}`],
    ['a live key of Stripe', `sk_live_${letters(24)}`],
    ['a key of Everwave', `ew_${letters(43)}`],
    ['a master key or password with its value', `EVERWAVE_SECRET_KEY=${randomBytes(32).toString('base64')}`],
  ])('finds %s, and does not repeat it', (what, secret) => {
    const found = findSecrets(`first\n${secret}\n`);
    expect(found).toEqual([{ line: 2, what }]);
    expect(JSON.stringify(found)).not.toContain(secret);
  });

  it.each([
    'EVERWAVE_SECRET_KEY=',
    'PGPASSWORD=$value',
    "token: 'demo-token'",
    '-----BEGIN PRIVATE KEY-----',
    'sk-...',
  ])('leaves %s alone', (text) => {
    expect(findSecrets(text)).toEqual([]);
  });

  it('finds none in this repository', async () => {
    expect(await scanForSecrets(runCommand)).toBeNull();
  });

  it('takes an empty list of files for a fault of its own', async () => {
    expect(await scanForSecrets(async () => ({ code: 0, said: '' }))).toMatch(/0 files only/);
  });
});
