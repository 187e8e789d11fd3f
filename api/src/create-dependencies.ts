import { credentialDefinitions, nodeDefinitions } from '@everwave/activities/definitions';
import { type Database, poolUseOf } from '@everwave/schema/db';
import { createKeyRing, type MasterKeys } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { cookieSecret } from './auth/cookie-secret.ts';
import { createAuth } from './auth/create-auth.ts';
import type { AppDependencies } from './context.ts';
import { createDispatcher } from './dispatch/dispatcher.ts';
import { createPlacer } from './dispatch/place-runs.ts';
import { createEventDeliverer } from './dispatch/event-deliverer.ts';
import { createRunFeed } from './events/run-feed.ts';
import { createLazyTemporal } from './lazy-temporal.ts';
import { createMetrics } from './metrics.ts';
import { createNodeKinds } from './node-kinds.ts';
import type { Environment } from './env.ts';
import { createRepairer } from './repair/repairer.ts';

export interface ProcessParts {
  readonly db: Database;
  readonly masterKeys: MasterKeys;
  readonly log: Logger;
}

/** Everything the app needs, made from the environment; nothing is started yet. */
export const createDependencies = (
  { settings, temporal: temporalSettings }: Environment,
  { db, masterKeys, log }: ProcessParts,
): AppDependencies & { closeTemporal(): Promise<void> } => {
  const ring = createKeyRing({ db, masterKeys });
  const temporal = createLazyTemporal(temporalSettings, ring, log);
  const metrics = createMetrics({ version: settings.version, poolUse: () => poolUseOf(db) });
  const dispatcher = createDispatcher({ db, ring, temporal, metrics, settings, log });
  return {
    db,
    ring,
    temporal,
    metrics,
    settings,
    log,
    auth: createAuth({ db, webUrl: settings.webUrl, secret: cookieSecret(masterKeys), log }),
    nodeKinds: createNodeKinds(nodeDefinitions, credentialDefinitions),
    dispatcher,
    placer: createPlacer({ db, temporal, log }, () => dispatcher.kick()),
    repairer: createRepairer({ db, ring, temporal, log }),
    eventDeliverer: createEventDeliverer({ db, ring, temporal, log }),
    runFeed: createRunFeed(db, log),
    closeTemporal: () => temporal.close(),
  };
};
