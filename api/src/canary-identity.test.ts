import { createHash } from 'node:crypto';
import { tables, withOrg } from '@everwave/schema/db';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findCanaries, type Haystack } from '../../scripts/testing/canary/find-canaries.ts';
import { spellingsOf } from '../../scripts/testing/canary/spellings.ts';
import { codeOfStep, stepAt } from './auth/totp.ts';
import { readableCells } from './testing/readable-cells.ts';
import {
  type Answer,
  type Call,
  callWith,
  createTestApi,
  type TestApi,
  type TestOrg,
  webUrl,
} from './testing/test-api.ts';

const password = 'correct horse battery';

let api: TestApi;
let org: TestOrg;
let browser: Call;
/** What must be seen nowhere but where it belongs, by name. */
const canaries: Record<string, string> = {};
const places: Haystack[] = [];
const answers: string[] = [];

const textOf = ({ text, headers }: Answer): string => text + JSON.stringify([...headers]);
/** An answer that shows nothing; what it was asked with may have held everything. */
const keep = async (asked: Promise<Answer>): Promise<Answer> => {
  const answer = await asked;
  answers.push(textOf(answer));
  return answer;
};
/** The one answer that shows these, this once. */
const show = async (name: string, asked: Promise<Answer>, ...mayHold: readonly string[]): Promise<Answer> => {
  const answer = await asked;
  places.push({ where: name, content: textOf(answer), mayHold });
  return answer;
};
/** The token of the newest link to this address; its mail may hold it, and no other one may. */
const mailed = async (name: string, address: string): Promise<string> => {
  const mails = (await api.mails()).filter(({ to }) => to.includes(address));
  const token = mails.map(({ text }) => /token=([\w-]+)/.exec(text)?.[1]).findLast((each) => each !== undefined);
  if (!token) throw new Error(`No link was mailed to ${address}.`);
  canaries[name] = token;
  return token;
};

/** With each secret in the wrong place, and malformed: what is refused is what logs and errors love to repeat. */
const mistake = async (secret: string): Promise<void> => {
  await keep(browser('POST /v1/invitations/join', { token: secret, name: '', password: secret }));
  await keep(browser('POST /v1/password-resets/complete', `{"token":"${secret}"`));
  await keep(browser('POST /v1/tokens/renew', { refreshToken: secret, code: secret }));
  await keep(browser('POST /v1/sign-in/second-factor', { challenge: secret, code: secret }));
  await keep(browser('POST /auth/sign-in/email', { email: `${secret.slice(0, 40)}@example.org`, password: secret }));
  await keep(browser(`GET /v1/flows?token=${encodeURIComponent(secret)}`));
  await keep(callWith(api.app, { authorization: `Bearer ${secret}x` })('GET /v1/me'));
  await keep(callWith(api.app, { cookie: `everwave.session_token=${secret}` })('GET /v1/me'));
};

beforeAll(async () => {
  const limits = { anonymousPerMinute: 1e5, signInsPerMinute: 1e5 };
  api = await createTestApi({ isSignUpOpen: true, limits });
  org = await api.createOrg();
  browser = callWith(api.app, { origin: webUrl });
  const owner = await org.signIn('owner');

  const created = await show('the new key', owner.call('POST /v1/api-keys', { name: 'Nightly' }), 'api key');
  canaries['api key'] = created.body.key;
  await keep(callWith(api.app, { authorization: `Bearer ${created.body.key}` })('GET /v1/me'));

  await keep(owner.call('POST /v1/invitations', { email: 'new@example.org', role: 'viewer' }));
  const invitation = await mailed('invitation', 'new@example.org');
  await keep(browser('POST /v1/invitations/open', { token: invitation }));

  await keep(
    browser('POST /v1/sign-up', { name: 'Noor', email: 'noor@example.org', password: 'seventeen quiet harbours' }),
  );
  const verification = await mailed('verification', 'noor@example.org');
  const reset = async (): Promise<string> => {
    await keep(browser('POST /v1/password-resets', { email: owner.email }));
    return mailed('reset', owner.email);
  };
  await reset();

  const issued = await show(
    'the new tokens',
    browser('POST /v1/tokens', { email: owner.email, password }),
    'refresh token',
    'access token',
  );
  canaries['refresh token'] = issued.body.refreshToken;
  canaries['access token'] = issued.body.accessToken;
  await keep(callWith(api.app, { authorization: `Bearer ${issued.body.accessToken}` })('GET /v1/me'));

  const factor = await show('the second factor', owner.call('POST /v1/me/second-factor', { password }), 'totp secret');
  canaries['totp secret'] = factor.body.secret;
  const code = codeOfStep(factor.body.secret, stepAt(Date.now()));
  const confirmed = await show(
    'the recovery codes',
    owner.call('POST /v1/me/second-factor/confirm', { code }),
    ...codeNames,
  );
  for (const [index, each] of (confirmed.body.codes as string[]).entries()) canaries[`recovery code ${index}`] = each;

  for (const secret of Object.values(canaries)) await mistake(secret);
  // Used, each where it belongs.
  await keep(
    browser('POST /v1/invitations/join', { token: invitation, name: 'New', password: 'seventeen quiet harbours' }),
  );
  await keep(browser('POST /v1/email-verifications/complete', { token: verification }));
  await keep(
    browser('POST /v1/password-resets/complete', { token: canaries['reset'], password: 'another one to keep' }),
  );
  await keep(browser('POST /v1/tokens/renew', { refreshToken: issued.body.refreshToken }));
  const admin = await org.as('admin');
  for (const path of ['api-keys', 'members', 'invitations', 'service-accounts', 'audit?limit=100', 'audit/overview']) {
    await keep(admin(`GET /v1/${path}`));
  }
  for (const format of ['csv', 'jsonl']) {
    const { status, text } = await admin(`GET /v1/audit/export?format=${format}`);
    expect([status, text.length > 2_000]).toEqual([200, true]);
    places.push({ where: `the audit log as ${format}`, content: text });
  }
  for (const [index, { to, subject, text, html }] of (await api.mails()).entries()) {
    const content = [to, subject, text, html].join('\n');
    const own = Object.entries(canaries).find(([, token]) => text.includes(`token=${token}`))?.[0];
    places.push({ where: `mail ${index}, ${subject}`, content, ...(own && { mayHold: [own] }) });
  }
  places.push({ where: 'the answers', content: answers.join('\n') });
}, 120_000);
afterAll(() => api.close());

const codeNames = Array.from({ length: 10 }, (_, index) => `recovery code ${index}`);

const look = async () => [
  ...places,
  { where: 'the database', content: await readableCells(api.db) },
  { where: 'the log', content: api.logLines.join('\n') },
];

it('shows keys, links, tokens and codes nowhere but in the one answer or mail that they are for', async () => {
  expect(Object.keys(canaries)).toEqual([
    'api key',
    'invitation',
    'verification',
    'reset',
    'refresh token',
    'access token',
    'totp secret',
    ...codeNames,
  ]);
  const looked = await look();
  expect(findCanaries(canaries, looked)).toEqual([]);
  expect(answers.length).toBeGreaterThan(120);
  for (const where of ['the database', 'the log', 'the answers']) {
    expect(looked.find((each) => each.where === where)?.content.length).toBeGreaterThan(5_000);
  }
  // Not vacuous: each mailed link was found in exactly its own mail.
  const holders = looked.filter(({ where, mayHold }) => where.startsWith('mail') && mayHold !== undefined);
  expect(new Set(holders.map(({ mayHold }) => mayHold?.[0]))).toEqual(new Set(['invitation', 'verification', 'reset']));
});

it('would find one that stands in a row, in a log line or in another’s mail, in each encoding', async () => {
  const [name, canary] = ['reset', canaries['reset'] ?? ''];
  for (const { encoding, text } of spellingsOf(canary)) {
    const content = `${'x'.repeat(50)}${text}${'y'.repeat(50)}`;
    expect(findCanaries({ [name]: canary }, [{ where: 'here', content }])).toContainEqual({
      where: 'here',
      canary: name,
      encoding,
    });
  }
  const planted = {
    name: 'planted',
    url: Buffer.from(canary).toString('base64'),
    hash: createHash('md5').digest('hex'),
  };
  await withOrg(api.db, org.orgId, (tx) =>
    tx.insert(tables.auditEvents).values({
      orgId: org.orgId,
      actorKind: 'system',
      actorId: 'planted',
      actorName: 'planted',
      action: 'flow.created',
      targetKind: 'flow',
      targetId: 'planted',
      details: planted,
    }),
  );
  api.dependencies.log.warn('planted', { link: `${webUrl}/reset-password?token=${canary}` });
  const mail = (await look()).find(({ where }) => where.startsWith('mail') && where.includes('Confirm'));
  const found = findCanaries(canaries, [
    ...(await look()),
    { where: 'another’s mail', content: `${mail?.content}${canary}`, mayHold: ['verification'] },
  ]);
  const where = new Set(found.map((hit) => `${hit.where}: ${hit.canary}`));
  expect(where).toEqual(new Set(['the database: reset', 'another’s mail: reset', 'the log: reset']));
});
