import type { OfferOwnershipRequest, Ownership, OwnershipOffer } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { and, eq, gt } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { confirmPassword } from '../identity/confirm-password.ts';
import { audit } from '../audit.ts';
import { lockOrg } from './lock-org.ts';
import { getMember } from './members.ts';

const { members, ownershipOffers, users } = tables;

/** Long enough for a holiday's weekend, short enough that nobody has forgotten it. */
const offerLasts = 3 * 24 * 60 * 60 * 1_000;

const readOffer = async (tx: Transaction, orgId: string) => {
  const [offer] = await tx
    .select()
    .from(ownershipOffers)
    .where(and(eq(ownershipOffers.orgId, orgId), gt(ownershipOffers.expiresAt, new Date())));
  return offer;
};

const partyOf = async (tx: Transaction, orgId: string, userId: string) => {
  const [party] = await tx
    .select({ memberId: members.id, name: users.name, email: users.email })
    .from(members)
    .innerJoin(users, eq(users.id, members.userId))
    .where(and(eq(members.organizationId, orgId), eq(members.userId, userId)));
  if (!party) throw new Error('An offer ends with the membership of either side.');
  return party;
};

const toOffer = async (tx: Transaction, offer: typeof ownershipOffers.$inferSelect): Promise<OwnershipOffer> => ({
  from: await partyOf(tx, offer.orgId, offer.fromUserId),
  to: await partyOf(tx, offer.orgId, offer.toUserId),
  isShared: offer.isShared,
  createdAt: offer.createdAt.toISOString(),
  expiresAt: offer.expiresAt.toISOString(),
});

export const readOwnership = ({ db, caller }: ServiceContext): Promise<Ownership> =>
  withOrg(db, caller.orgId, async (tx) => {
    const offer = await readOffer(tx, caller.orgId);
    return { offer: offer ? await toOffer(tx, offer) : null };
  });

/** An owner, asked for the password once more, offers the org to a member. Nothing changes until that one accepts. */
export const offerOwnership = (
  context: ServiceContext,
  { memberId, password, isShared }: OfferOwnershipRequest,
): Promise<Ownership> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId, id: fromUserId } = refuseKeys(context);
    await lockOrg(tx, orgId);
    const member = await getMember(tx, orgId, memberId);
    if (member.role === 'owner') {
      throw problem('ownership_offered', `${member.name} owns the organisation already.`);
    }
    if (await readOffer(tx, orgId)) {
      throw problem('ownership_offered', 'Withdraw the offer that waits for an answer first.');
    }
    await confirmPassword({ db: tx, caller: { id: fromUserId } }, password);
    await tx.delete(ownershipOffers).where(eq(ownershipOffers.orgId, orgId));
    const expiresAt = new Date(Date.now() + offerLasts);
    const row = { orgId, fromUserId, toUserId: member.userId, isShared, expiresAt };
    const [offer] = await tx.insert(ownershipOffers).values(row).returning();
    await audit(tx, context, {
      action: 'org.ownership_offered',
      target: { kind: 'member', id: memberId, name: member.name },
      details: { userId: member.userId, isShared },
    });
    return { offer: offer ? await toOffer(tx, offer) : null };
  });

/** The member, asked for their own password, becomes the owner; who offered it becomes an admin, unless it is shared. */
export const acceptOwnership = (context: ServiceContext, password: string): Promise<void> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId, id: userId } = refuseKeys(context);
    await lockOrg(tx, orgId);
    const offer = await readOffer(tx, orgId);
    if (offer?.toUserId !== userId) throw noOffer();
    await confirmPassword({ db: tx, caller: { id: userId } }, password);
    const inOrg = eq(members.organizationId, orgId);
    const from = await partyOf(tx, orgId, offer.fromUserId);
    const stillOwner = and(inOrg, eq(members.userId, offer.fromUserId), eq(members.role, 'owner'));
    const [giver] = await tx.select({ id: members.id }).from(members).where(stillOwner);
    // Whoever is no owner any more has nothing to hand over.
    if (!giver) throw noOffer();
    await tx
      .update(members)
      .set({ role: 'owner' })
      .where(and(inOrg, eq(members.userId, userId)));
    if (!offer.isShared) await tx.update(members).set({ role: 'admin' }).where(stillOwner);
    await tx.delete(ownershipOffers).where(eq(ownershipOffers.orgId, orgId));
    await audit(tx, context, {
      action: offer.isShared ? 'org.ownership_shared' : 'org.ownership_transferred',
      target: { kind: 'user', id: userId, name: context.caller.name },
      details: { from: offer.fromUserId, fromName: from.name, to: userId },
    });
  });

/** Either side may end it. */
export const endOffer = (context: ServiceContext): Promise<void> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { orgId, id: userId } = refuseKeys(context);
    await lockOrg(tx, orgId);
    const offer = await readOffer(tx, orgId);
    if (!offer || ![offer.fromUserId, offer.toUserId].includes(userId)) throw noOffer();
    await tx.delete(ownershipOffers).where(eq(ownershipOffers.orgId, orgId));
    await audit(tx, context, {
      action: offer.toUserId === userId ? 'org.ownership_declined' : 'org.ownership_withdrawn',
      target: { kind: 'user', id: offer.toUserId },
    });
  });

const noOffer = () => problem('ownership_offer_not_found', 'No offer of this organisation waits for your answer.');

/** A key is not a person: it has no password that could be asked for. */
const refuseKeys = ({ caller }: ServiceContext) => {
  if (caller.kind === 'user') return caller;
  throw problem('not_allowed', 'Ownership passes between people. Sign in instead of sending an API key.');
};
