import { createSigningSecret } from '@everwave/activities/triggers';
import type { SigningSecret } from '@everwave/schema/api';
import { triggerIdSchema } from '@everwave/schema/ids';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { and, eq, isNull } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { getFlow } from './find-flow.ts';

const { triggers } = tables;

/** A new Standard Webhooks secret for a trigger; the one before stops to work at once. Shown in this answer only. */
export const renewSigningSecret = async (
  context: ServiceContext,
  flowId: string,
  triggerId: string,
): Promise<SigningSecret> => {
  const { db, caller, ring } = context;
  const signingSecret = createSigningSecret();
  const signingSecretSealed = await ring.sealJson(caller.orgId, signingSecret, additionalData.triggerSecret(triggerId));
  await withOrg(db, caller.orgId, async (tx) => {
    await getFlow(tx, context, flowId);
    const changed = await tx
      .update(triggers)
      .set({ signingSecretSealed })
      .where(and(eq(triggers.id, triggerId), eq(triggers.flowId, flowId), isNull(triggers.removedAt)))
      .returning({ id: triggers.id });
    if (changed.length === 0) throw problem('trigger_not_found', `The flow has no trigger ${triggerId}.`);
    await audit(tx, context, { action: 'trigger.secret_renewed', target: { kind: 'trigger', id: triggerId } });
  });
  return { triggerId: triggerIdSchema.parse(triggerId), signingSecret };
};
