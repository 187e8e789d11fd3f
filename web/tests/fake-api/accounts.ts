import * as api from '@everwave/schema/api';
import type { Context, Hono } from 'hono';
import { answer, page, problem } from './answers.ts';
import { idOf } from './ids.ts';
import type { World } from './world.ts';

/** Everybody in the org, and somebody of another one who is suspended. */
export const accountsOf = (now: number, me: api.Me, members: readonly api.Member[]): api.Account[] => {
  const ago = (days: number): string => new Date(now - days * 86_400_000).toISOString();
  const known = members.map(
    (member, at): api.Account => ({
      id: member.userId,
      name: member.name,
      email: member.email,
      isEmailVerified: at !== 3,
      isInstanceAdministrator: member.userId === me.user?.id,
      hasSecondFactor: at < 2,
      lastSignInAt: member.lastSignInAt,
      createdAt: member.joinedAt,
      suspendedAt: null,
      orgs: [{ id: me.org.id, name: me.org.name, role: member.role, roleName: member.roleName }],
    }),
  );
  const harbour = { id: idOf('org', 'Harbour Bakery'), name: 'Harbour Bakery' };
  return [
    ...known,
    {
      id: 'u_bram',
      name: 'Bram de Wit',
      email: 'bram@harbour.bakery',
      isEmailVerified: true,
      isInstanceAdministrator: false,
      hasSecondFactor: false,
      lastSignInAt: ago(61),
      createdAt: ago(300),
      suspendedAt: ago(12),
      orgs: [{ ...harbour, role: 'owner', roleName: 'owner' }],
    },
  ];
};

/** The routes of those who administer the installation. */
export const addAccounts = (app: Hono, world: () => World): void => {
  app.use('/v1/admin/*', async (c, next) => {
    if (world().me.isInstanceAdministrator) return next();
    return problem(c, 403, 'not_allowed', 'This needs the permission of an administrator of this installation.');
  });
  app.get('/v1/admin/users', (c) => {
    const { text = '', state } = api.listAccountsQuerySchema.parse(c.req.query());
    const isMeant = ({ name, email, suspendedAt, isInstanceAdministrator }: api.Account): boolean =>
      `${name} ${email}`.toLowerCase().includes(text.toLowerCase()) &&
      (state === 'all' ||
        (state === 'administrators' && isInstanceAdministrator) ||
        (state !== 'administrators' && (state === 'suspended') === (suspendedAt !== null)));
    return answer(c, api.accountListSchema, page(c, world().accounts.filter(isMeant)));
  });
  app.get('/v1/admin/audit', (c) => {
    const items = world().audit.filter(({ target }) => target.kind === 'user');
    return answer(c, api.auditListSchema, page(c, items));
  });

  const change = (c: Context, values: Partial<api.Account>): Response => {
    const account = world().accounts.find(({ id }) => id === c.req.param('id'));
    if (!account) return problem(c, 404, 'account_not_found', 'Nobody here has this account.');
    Object.assign(account, values);
    return answer(c, api.accountSchema, account);
  };
  app.post('/v1/admin/users/:id/suspend', (c) => change(c, { suspendedAt: new Date().toISOString() }));
  app.post('/v1/admin/users/:id/restore', (c) => change(c, { suspendedAt: null }));
  app.put('/v1/admin/users/:id/administrator', (c) => change(c, { isInstanceAdministrator: true }));
  app.delete('/v1/admin/users/:id/administrator', (c) => change(c, { isInstanceAdministrator: false }));
  app.post('/v1/admin/users/:id/reset-link', (c) => c.body(null, 204));
};
