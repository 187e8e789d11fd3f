import * as api from '@everwave/schema/api';
import type { Hono } from 'hono';
import { answer, problem } from './answers.ts';

const challenge = 'challenge-of-mara';
const moment = '2026-06-10T12:00:00.000Z';

/** What is asked before anybody is signed in. `signIn` gives the cookie; the second step takes the code 123456. */
export const addSignIn = (app: Hono, signIn: () => string, isSignUpOpen: () => boolean): void => {
  app.get('/v1/sign-up', (c) => answer(c, api.signUpStateSchema, { isOpen: isSignUpOpen() }));
  app.post('/v1/sign-up', async (c) => {
    const { password } = api.signUpRequestSchema.parse(await c.req.json());
    if (!isSignUpOpen()) return problem(c, 403, 'sign_up_closed', 'Here people come by invitation.');
    if (password !== 'passwordpassword') return c.body(null, 204);
    return problem(c, 422, 'password_refused', 'Many people chose this password. Choose another one.', [
      { path: 'password', message: 'Many people chose this password. Choose another one.' },
    ]);
  });
  app.post('/auth/sign-in/email', async (c) => {
    const { password, email } = api.signInRequestSchema.parse(await c.req.json());
    if (password.length < 12) return problem(c, 401, 'sign_in_refused', 'No account has this address and password.');
    if (email.startsWith('careful')) {
      return answer(c, api.signInReplySchema, { status: 'second_factor_needed', challenge });
    }
    c.header('set-cookie', signIn());
    return answer(c, api.signInReplySchema, { status: 'signed_in', challenge: null });
  });
  app.post('/v1/sign-in/second-factor', async (c) => {
    const { code } = api.secondStepRequestSchema.parse(await c.req.json());
    if (code !== '123456') return problem(c, 401, 'code_refused', 'This code does not fit.');
    c.header('set-cookie', signIn());
    return answer(c, api.signInReplySchema, { status: 'signed_in', challenge: null });
  });
  app.post('/v1/unsubscribe', async (c) => {
    const { token } = api.unsubscribeRequestSchema.parse(await c.req.json());
    if (token !== 'token-of-mara') return problem(c, 404, 'link_invalid', 'It is not whole.');
    return answer(c, api.unsubscribedSchema, { kind: 'approvals', orgName: 'Hartwell Coffee' });
  });
  app.post('/v1/password-resets', (c) => c.body(null, 204));
  app.post('/v1/password-resets/complete', async (c) => {
    const { token } = api.newPasswordRequestSchema.parse(await c.req.json());
    return token === 'good' ? c.body(null, 204) : problem(c, 404, 'link_invalid', 'This link is wrong or was used.');
  });
  app.post('/v1/email-verifications/complete', (c) =>
    answer(c, api.verifiedEmailSchema, { email: 'mara@hartwell.coffee' }),
  );
};

/** What one's own account pages ask for. */
export const addAccount = (app: Hono): void => {
  let isOn = false;
  let sessions = ['now', 'other'];
  let preferences: api.NotificationPreferences = {
    email: 'mara@example.com',
    items: api.notificationKinds.map((kind) => ({
      kind,
      isOn: api.notificationDefaults[kind],
      decidedAt: null,
      terms: null,
    })),
  };

  app.get('/v1/me/second-factor', (c) =>
    answer(c, api.secondFactorStateSchema, {
      isOn,
      since: isOn ? moment : null,
      recoveryCodesLeft: isOn ? 10 : 0,
      isRequired: false,
    }),
  );
  app.post('/v1/me/second-factor', (c) =>
    answer(c, api.secondFactorSecretSchema, {
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      uri: 'otpauth://totp/Everwave:mara?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    }),
  );
  app.post('/v1/me/second-factor/confirm', async (c) => {
    const { code } = api.codeRequestSchema.parse(await c.req.json());
    if (code !== '123456') return problem(c, 401, 'code_refused', 'This code does not fit.');
    isOn = true;
    return answer(c, api.recoveryCodesSchema, { codes: ['k3fm-p7qa-2xhd-v5tn', 'b6wz-e4rj-y2cu-g7sl'] });
  });
  app.get('/v1/me/sessions', (c) =>
    answer(c, api.sessionListSchema, {
      items: sessions.map((id) => ({
        id,
        isCurrent: id === 'now',
        userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0',
        createdAt: moment,
        lastSeenAt: moment,
        expiresAt: moment,
      })),
    }),
  );
  app.delete('/v1/me/sessions/:sessionId', (c) => {
    sessions = sessions.filter((id) => id !== c.req.param('sessionId'));
    return c.body(null, 204);
  });
  app.get('/v1/me/notifications', (c) => answer(c, api.notificationPreferencesSchema, preferences));
  app.patch('/v1/me/notifications', async (c) => {
    const decided = api.setNotificationPreferencesRequestSchema.parse(await c.req.json());
    const items = preferences.items.map((item) => ({
      ...item,
      isOn: decided[item.kind] ?? item.isOn,
      decidedAt: moment,
      terms: api.notificationTerms,
    }));
    preferences = { ...preferences, items };
    return answer(c, api.notificationPreferencesSchema, preferences);
  });
  app.get('/v1/org/sign-in-rules', (c) => answer(c, api.signInRulesSchema, { requiresSecondFactor: false }));
};
