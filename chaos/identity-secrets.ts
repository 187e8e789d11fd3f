import * as api from '@everwave/schema/api';
import * as z from 'zod';
import { codeOfStep, stepAt } from '../api/src/auth/totp.ts';
import type { LiveProduct } from './product.ts';

const email = 'owner@example.org';
const password = 'seventeen quiet harbours';
const invited = 'invited@example.org';

const messagesSchema = z.object({ messages: z.array(z.object({ to: z.array(z.string()), text: z.string() })) });

/** Whatever proves who somebody is, by name: each was made, shown or mailed, and used once by the whole product. */
export const useIdentitySecrets = async ({
  apiUrl,
  webUrl,
  setupUrl,
  ports,
}: LiveProduct): Promise<Readonly<Record<string, string>>> => {
  let cookie = '';
  const call = async <Reply extends z.ZodType>(
    method: string,
    path: string,
    body: object | null,
    reply: Reply,
    headers: Record<string, string> = { origin: webUrl, cookie },
  ): Promise<z.output<Reply>> => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    const set = response.headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
    if (set.length > 0) cookie = set.join('; ');
    return reply.parse(text === '' ? null : JSON.parse(text));
  };
  const mailed = async (address: string): Promise<string> => {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const caught = await fetch(`http://127.0.0.1:${ports['EVERWAVE_DEMO_MAIL_PORT']}/messages`);
      const { messages } = messagesSchema.parse(await caught.json());
      const texts = messages.filter(({ to }) => to.includes(address)).map(({ text }) => text);
      const token = texts.map((text) => /token=([\w-]+)/.exec(text)?.[1]).findLast((each) => each !== undefined);
      if (token) return token;
      if (Date.now() > deadline) throw new Error(`No link was mailed to ${address}.`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };

  const setup = new URL(setupUrl ?? '').searchParams.get('token') ?? '';
  await call('POST', '/v1/setup', { token: setup, name: 'Owner', email, password }, z.unknown());
  await call('POST', '/auth/sign-in/email', { email, password }, z.unknown());
  const session = /session_token=([^;.]+)/.exec(decodeURIComponent(cookie))?.[1] ?? '';

  const key = z.object({ key: z.string() });
  const { key: apiKey } = await call('POST', '/v1/api-keys', { name: 'Nightly' }, key);
  await call('GET', '/v1/me', null, z.unknown(), { authorization: `Bearer ${apiKey}` });
  const tokens = await call('POST', '/v1/tokens', { email, password }, api.tokenReplySchema);
  await call('GET', '/v1/me', null, z.unknown(), { authorization: `Bearer ${tokens.accessToken}` });

  await call('POST', '/v1/invitations', { email: invited, role: 'viewer' }, z.unknown());
  const invitation = await mailed(invited);
  await call('POST', '/v1/invitations/open', { token: invitation }, z.unknown());
  await call('POST', '/v1/password-resets', { email }, z.unknown());
  const reset = await mailed(email);

  const { secret } = await call('POST', '/v1/me/second-factor', { password }, api.secondFactorSecretSchema);
  const code = codeOfStep(secret, stepAt(Date.now()));
  const { codes } = await call('POST', '/v1/me/second-factor/confirm', { code }, api.recoveryCodesSchema);
  return {
    setup,
    session,
    'api key': apiKey,
    'access token': tokens.accessToken,
    'refresh token': tokens.refreshToken,
    invitation,
    reset,
    'totp secret': secret,
    ...Object.fromEntries(codes.map((each, index) => [`recovery code ${index}`, each])),
  };
};
