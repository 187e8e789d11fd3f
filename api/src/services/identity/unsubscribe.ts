import { notificationKinds, type Unsubscribed } from '@everwave/schema/api';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData, BrokenSeal, type SystemSeal } from '@everwave/temporal/encryption';
import { and, eq } from 'drizzle-orm';
import * as z from 'zod';
import type { AppDependencies, Client } from '../../context.ts';
import { problem } from '../../problems.ts';
import { decide } from './notifications.ts';

const { members, organizations, users } = tables;

const contentSchema = z.object({ orgId: z.string(), userId: z.string(), kind: z.enum(notificationKinds) });
type Content = z.output<typeof contentSchema>;

/**
 * Ends one kind of mail for one person in one org, and can do nothing else. Sealed, so that nobody makes or changes one,
 * and good for ever: an old mail's link must still work.
 */
export const unsubscribeLink = (
  { seal, settings }: Pick<AppDependencies, 'seal' | 'settings'>,
  content: Content,
): string => {
  const token = Buffer.from(seal.seal(JSON.stringify(content), additionalData.unsubscribeToken)).toString('base64url');
  return `${settings.webUrl}/unsubscribe?token=${token}`;
};

const open = (seal: SystemSeal, token: string): Content | null => {
  try {
    const text = seal.open(Buffer.from(token, 'base64url'), additionalData.unsubscribeToken);
    return contentSchema.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof BrokenSeal) return null;
    throw error;
  }
};

type Asked = Pick<AppDependencies, 'db' | 'seal'> & { readonly requestId: string; readonly client: Client };

/** As often as it is asked; the person decides otherwise in their settings. */
export const unsubscribe = async ({ db, seal, requestId, client }: Asked, token: string): Promise<Unsubscribed> => {
  const content = open(seal, token);
  if (!content) throw deadLink();
  const { orgId, userId: id, kind } = content;
  return withOrg(db, orgId, async (tx) => {
    const [person] = await tx
      .select({ name: users.name, orgName: organizations.name })
      .from(members)
      .innerJoin(users, eq(users.id, members.userId))
      .innerJoin(organizations, eq(organizations.id, members.organizationId))
      .where(and(eq(members.organizationId, orgId), eq(members.userId, id)));
    if (!person) throw deadLink();
    const caller = { kind: 'user', id, name: person.name, orgId };
    await decide(tx, { caller, requestId, client }, { [kind]: false }, 'mailed link');
    return { kind, orgName: person.orgName };
  });
};

const deadLink = () =>
  problem('link_invalid', 'It is not whole, or you belong to its organisation no more and get no mails from it.');
