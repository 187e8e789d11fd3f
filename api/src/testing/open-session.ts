import { createHmac, randomBytes, randomUUIDv7 } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { sessionCookie } from '../auth/create-auth.ts';
import type { TestApi } from './test-api.ts';

export interface TestSession {
  /** What the browser sends. */
  readonly cookie: string;
  readonly token: string;
}

/** A session of this person that works in this org, without the sign-in: as a sign-in would have written it. */
export const openSession = async (api: TestApi, userId: string, orgId: string): Promise<TestSession> => {
  const token = randomBytes(24).toString('base64url');
  const expiresAt = new Date(Date.now() + 86_400_000);
  const session = { id: randomUUIDv7(), token, userId, expiresAt, activeOrganizationId: orgId };
  await withSystem(api.db, (tx) => tx.insert(tables.sessions).values(session));
  return { token, cookie: `${sessionCookie.http}=${signed(token, api.dependencies.auth.options.secret)}` };
};

const signed = (token: string, secret: string): string =>
  encodeURIComponent(`${token}.${createHmac('sha256', secret).update(token).digest('base64')}`);
