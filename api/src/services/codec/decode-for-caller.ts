import type { TemporalPayload } from '@everwave/schema/api';
import { withOrg } from '@everwave/schema/db';
import { decodePayloads } from '@everwave/temporal/codec';
import type { ServiceContext } from '../../context.ts';
import { maskOf } from '../masking/mask-for.ts';
import { audit } from '../audit.ts';

/** What the Temporal UI shows to whoever is signed in: values of their own org, and each look is noted. */
export const decodeForCaller = async (
  context: ServiceContext,
  payloads: readonly TemporalPayload[],
): Promise<TemporalPayload[]> => {
  const { ring, caller, db } = context;
  const mask = await withOrg(db, caller.orgId, (tx) => maskOf(tx, caller.orgId));
  const reply = await decodePayloads({
    ring,
    payloads: payloads.map(({ metadata, data }) => ({ metadata: metadata ?? {}, data: data ?? '' })),
    mayRead: (orgId) => orgId === caller.orgId,
    ...(mask && { show: mask }),
  });
  if (reply.opened.length > 0) {
    await withOrg(db, caller.orgId, (tx) =>
      audit(tx, context, {
        action: 'payloads.decoded',
        target: { kind: 'org', id: caller.orgId },
        details: { payloads: payloads.length },
      }),
    );
  }
  return reply.payloads.map(({ metadata, data }) => ({ metadata: { ...metadata }, data }));
};
