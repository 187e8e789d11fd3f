import { randomBytes, randomUUIDv7 } from 'node:crypto';
import type { Approval, ApprovalLink, MadeApprovalLink } from '@everwave/schema/api';
import { approvalIdSchema } from '@everwave/schema/ids';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import { findRole } from '../../auth/find-role.ts';
import { hashToken } from '../../auth/secret-token.ts';
import type { Caller, ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { getApproval } from './find-approval.ts';
import { maskOf } from '../masking/mask-for.ts';
import { type ApprovalRow, toApproval } from './to-approval.ts';

const { approvalLinks, members, users } = tables;

/** The link itself is in this answer and nowhere else: only its hash is stored. */
export const createLink = async (
  context: ServiceContext,
  approvalId: string,
  recipient: string,
): Promise<ApprovalLink> => {
  const { db, caller, settings } = context;
  const token = randomBytes(24).toString('base64url');
  const email = recipient.toLowerCase();
  await withOrg(db, caller.orgId, async (tx) => {
    const { approval } = await getApproval(tx, context, approvalId);
    if (approval.status !== 'open') {
      throw problem('approval_closed', 'This approval waits for no answer any more, so there is nothing to link to.');
    }
    await refuseStranger(tx, approval, email);
    await tx.insert(approvalLinks).values({
      id: randomUUIDv7(),
      orgId: caller.orgId,
      approvalId,
      tokenHash: hashToken(token),
      recipient: email,
      createdBy: caller.id,
    });
    await audit(tx, context, {
      action: 'approval.link_created',
      target: { kind: 'approval', id: approvalId },
      details: { recipient: email },
    });
  });
  return {
    url: `${settings.webUrl}/approvals/link/${token}`,
    recipient: email,
    approvalId: approvalIdSchema.parse(approvalId),
  };
};

/** Only who may answer gets a link: it opens nothing that its recipient could not open. */
const refuseStranger = async (tx: Transaction, { orgId, roles, people }: ApprovalRow, email: string): Promise<void> => {
  const [member] = await tx
    .select({ role: members.role })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, orgId), eq(sql`lower(${users.email})`, email)));
  const held = member && (await findRole(tx, orgId, member.role));
  if (held && (roles.includes(held.role) || people.includes(email))) return;
  throw problem('recipient_may_not_answer', `${email} is no member of your org who may answer this approval.`);
};

/** For whom links were made, and which are used up; the newest first. */
export const listLinks = (context: ServiceContext, approvalId: string): Promise<MadeApprovalLink[]> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    await getApproval(tx, context, approvalId);
    const rows = await tx
      .select()
      .from(approvalLinks)
      .where(and(eq(approvalLinks.approvalId, approvalId), eq(approvalLinks.orgId, context.caller.orgId)))
      .orderBy(desc(approvalLinks.createdAt), desc(approvalLinks.id))
      .limit(100);
    return rows.map(({ id, recipient, createdAt, usedAt }) => ({
      id,
      recipient,
      createdAt: createdAt.toISOString(),
      usedAt: usedAt?.toISOString() ?? null,
    }));
  });

/** From now on it leads nowhere. One that was used up stays, for the record. */
export const revokeLink = async (context: ServiceContext, approvalId: string, linkId: string): Promise<void> => {
  const { db, caller } = context;
  await withOrg(db, caller.orgId, async (tx) => {
    await getApproval(tx, context, approvalId);
    const isMeant = and(
      eq(approvalLinks.id, linkId),
      eq(approvalLinks.approvalId, approvalId),
      eq(approvalLinks.orgId, caller.orgId),
    );
    const [link] = await tx.select().from(approvalLinks).where(isMeant).for('update');
    if (!link)
      throw problem('approval_link_not_found', 'This approval has no such link. Somebody may have revoked it.');
    if (link.usedAt) throw problem('approval_link_used', 'This link has been used: there is nothing left to revoke.');
    await tx.delete(approvalLinks).where(isMeant);
    await audit(tx, context, {
      action: 'approval.link_revoked',
      target: { kind: 'approval', id: approvalId },
      details: { recipient: link.recipient },
    });
  });
};

/** Which approval a link leads to. For its recipient alone, and until it is used up. */
export const openLink = async (context: ServiceContext, token: string): Promise<Approval> => {
  const { approval, flowName, mask } = await withOrg(context.db, context.caller.orgId, async (tx) => {
    const link = await getLink(tx, context.caller, token);
    const found = await getApproval(tx, context, link.approvalId);
    return { ...found, mask: await maskOf(tx, context.caller.orgId) };
  });
  return toApproval(context, approval, flowName, mask);
};

const getLink = async (tx: Transaction, { orgId, email }: Caller, token: string) => {
  const [link] = await tx
    .select()
    .from(approvalLinks)
    .where(and(eq(approvalLinks.tokenHash, hashToken(token)), eq(approvalLinks.orgId, orgId)))
    .for('update');
  if (!link) throw problem('approval_link_not_found', 'This link leads nowhere. Ask for a new one, or open Approvals.');
  if (email?.toLowerCase() !== link.recipient) {
    throw problem('approval_link_not_yours', 'This link is for somebody else. Sign in as its recipient.');
  }
  if (link.usedAt) throw problem('approval_link_used', 'This link has been used: its approval was answered.');
  return link;
};

/** Throws for a link that is not the caller's, or leads to another approval. */
export const checkLink = async (tx: Transaction, caller: Caller, approvalId: string, token: string): Promise<void> => {
  const link = await getLink(tx, caller, token);
  if (link.approvalId !== approvalId) throw problem('approval_link_not_found', 'This link leads to another approval.');
};

/** Uses up links once an answer has been taken: all of them when it decided, else those of who answered. */
export const useUpLinks = async (
  tx: Transaction,
  { orgId, email }: Caller,
  approvalId: string,
  which: 'all' | 'own',
): Promise<void> => {
  await tx
    .update(approvalLinks)
    .set({ usedAt: new Date() })
    .where(
      and(
        eq(approvalLinks.orgId, orgId),
        eq(approvalLinks.approvalId, approvalId),
        isNull(approvalLinks.usedAt),
        which === 'own' ? eq(approvalLinks.recipient, email?.toLowerCase() ?? '') : undefined,
      ),
    );
};
