import type { Json } from '@everwave/schema/flow';
import type { ForkOf } from '@everwave/schema/run';
import { additionalData } from './encryption/additional-data.ts';
import type { KeyRing } from './encryption/key-ring.ts';

/** How a fork is stored with its run; its generation follows from its number. */
export type StoredFork = Omit<ForkOf, 'generation'>;

interface OfRun {
  readonly orgId: string;
  readonly runId: string;
}

export const sealFork = (ring: KeyRing, { orgId, runId }: OfRun, fork: StoredFork): Promise<Uint8Array> =>
  ring.sealJson(orgId, fork as unknown as Json, additionalData.runFork(runId));

export const openFork = (ring: KeyRing, { orgId, runId }: OfRun, sealed: Uint8Array): Promise<StoredFork> =>
  ring.openJson<StoredFork>(orgId, sealed, additionalData.runFork(runId));
