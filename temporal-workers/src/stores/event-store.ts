import { randomUUIDv7 } from 'node:crypto';
import type { EventOutbox } from '@everwave/activities/worker';
import { type Database, insertEvent, withOrg } from '@everwave/schema/db';
import { toMilliseconds } from '@everwave/schema/flow';
import { toId } from '@everwave/schema/ids';
import { additionalData, type KeyRing } from '@everwave/temporal/encryption';

/** Events that runs send: the same rows as those that come by the api, which brings them to whoever waits. */
export const createEventStore = (db: Database, ring: KeyRing): EventOutbox => ({
  send: async ({ orgId, runId, requestId, id: eventId, name, correlationKey, data, expiresIn }) => {
    const id = toId('evt', randomUUIDv7());
    const receivedAt = new Date();
    const dataSealed = await ring.sealJson(orgId, data, additionalData.eventData(id));
    const { row } = await withOrg(db, orgId, (tx) =>
      insertEvent(tx, {
        id,
        orgId,
        name,
        correlationKey,
        eventId,
        dataSealed,
        dataBytes: Buffer.byteLength(JSON.stringify(data)),
        sentBy: runId,
        requestId,
        receivedAt,
        expiresAt: new Date(receivedAt.getTime() + toMilliseconds(expiresIn)),
      }),
    );
    return { receivedAt: row.receivedAt.toISOString(), expiresAt: row.expiresAt.toISOString() };
  },
});
