import { randomUUID } from 'node:crypto';
import {
  type ActivityDependencies,
  createSandbox,
  loadModelRegistry,
  type MeterReading,
} from '@everwave/activities/worker';
import type { Database } from '@everwave/schema/db';
import type { KeyRing } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { createCheckpointStore } from './checkpoint-store.ts';
import { createConnectionStore } from './connection-store.ts';
import { createEffectLedger } from './effect-ledger.ts';
import { createEventStore } from './event-store.ts';
import { createFileStore } from './file-store.ts';
import { createMeterStore } from './meter-store.ts';
import { createStepLimitStore } from './step-limit-store.ts';
import { orUnavailable } from './or-unavailable.ts';
import { createValueStore } from './value-store.ts';
import { createVariableStore } from './variable-store.ts';

export interface DependencyOptions {
  readonly db: Database;
  readonly ring: KeyRing;
  readonly logger: Logger;
  /** Exact `host:port` entries that activities may reach although they are private. */
  readonly egressAllow?: readonly string[];
  /** Programs of authors that may run at the same time; 2 when absent. */
  readonly codePlaces?: number;
  /** The models file; ours when absent. A wrong one throws. */
  readonly modelsFile?: string | null;
  /** Whose places under limits it takes and renews; one of its own when absent. */
  readonly worker?: string;
  /** Hears of every meter reading that was stored. */
  readonly onMeters?: (readings: readonly MeterReading[]) => void;
}

/** What activities are given: connections, ledger, checkpoints and meters, all in Postgres. */
export const createActivityDependencies = ({
  db,
  ring,
  logger,
  egressAllow = [],
  codePlaces = 2,
  modelsFile = null,
  onMeters,
  worker = randomUUID(),
}: DependencyOptions): ActivityDependencies => ({
  connections: orUnavailable(createConnectionStore(db, ring)),
  variables: orUnavailable(createVariableStore(db, ring)),
  limits: orUnavailable(createStepLimitStore({ db, logger, worker })),
  effects: orUnavailable(createEffectLedger(db, ring)),
  checkpoints: orUnavailable(createCheckpointStore(db, ring)),
  meters: createMeterStore(db, onMeters),
  events: orUnavailable(createEventStore(db, ring)),
  values: orUnavailable(createValueStore(db, ring)),
  files: orUnavailable(createFileStore(db, ring)),
  egress: { allow: egressAllow },
  sandbox: createSandbox({ places: codePlaces }),
  models: loadModelRegistry(modelsFile),
  logger,
});
