import { type Database, withSystem } from '@everwave/schema/db';
import { addressBudget } from '@everwave/schema/network';
import { explainRefusedKey, startOfKey } from '../../auth/api-keys.ts';
import type { Client } from '../../context.ts';
import type { RateLimit } from '../../middleware/rate-limit.ts';
import { audit } from '../audit.ts';
import { somebody } from '../identity/audit-of-person.ts';
import { firstOrg } from './note-refusal.ts';

/** One entry per key, or per address where the key is nobody's, however often it comes. */
export const notedKeys = { name: 'refused-keys', points: 1, seconds: 60 * 60 } as const;

interface Request {
  readonly db: Database;
  readonly requestId: string;
  readonly client: Client;
  readonly budget: RateLimit;
}

/** A key that does not work: its organisation hears of it, of one that nobody has the one this installation began with. */
export const noteRefusedKey = async (request: Request, key: string): Promise<void> => {
  const { db, client, budget } = request;
  const known = await explainRefusedKey(db, key);
  const counted = known?.id ?? (client.address === null ? 'unknown' : addressBudget(client.address));
  const isNoted = await budget.consume(counted).then(
    () => false,
    () => true,
  );
  if (isNoted) return;
  await withSystem(db, async (tx) => {
    const orgIds = known ? [known.orgId] : await firstOrg(tx);
    const target = known
      ? { kind: 'api_key', id: known.id, name: known.name }
      : { kind: 'api_key', id: 'unknown', name: startOfKey(key) ?? 'an unknown key' };
    const details = { reason: known?.reason ?? 'unknown or revoked' };
    for (const orgId of orgIds) {
      await audit(tx, { ...request, caller: { ...somebody, orgId } }, { action: 'api_key.refused', target, details });
    }
  });
};
