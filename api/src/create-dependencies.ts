import { createMailer } from '@everwave/activities/mail';
import { credentialDefinitions, nodeDefinitions } from '@everwave/activities/definitions';
import { type Database, poolUseOf } from '@everwave/schema/db';
import { createKeyRing, createSystemSeal, type MasterKeys } from '@everwave/temporal/encryption';
import type { Logger } from '@everwave/temporal/logger';
import { createAccessTokens } from './auth/access-token.ts';
import { openBreachedPasswords } from './auth/breached-passwords.ts';
import { cookieSecret } from './auth/cookie-secret.ts';
import { createAuth } from './auth/create-auth.ts';
import type { AppDependencies } from './context.ts';
import { createDispatcher } from './dispatch/dispatcher.ts';
import { createPlacer } from './dispatch/place-runs.ts';
import { createEventDeliverer } from './dispatch/event-deliverer.ts';
import { createRunFeed } from './events/run-feed.ts';
import { createLazyTemporal } from './lazy-temporal.ts';
import { createOutbox } from './mail/outbox.ts';
import { createMetrics } from './metrics.ts';
import { createNodeKinds } from './node-kinds.ts';
import type { Environment } from './env.ts';
import { createNotifier } from './notify/notifier.ts';
import { createScheduleKeeper } from './schedules/schedule-keeper.ts';
import { createRepairer } from './repair/repairer.ts';

export interface ProcessParts {
  readonly db: Database;
  readonly masterKeys: MasterKeys;
  readonly log: Logger;
}

/** Everything the app needs, made from the environment; nothing is started yet. */
export const createDependencies = (
  { settings, mailServer, breachedPasswordsFile, temporal: temporalSettings }: Environment,
  { db, masterKeys, log }: ProcessParts,
): AppDependencies & { close(): Promise<void> } => {
  const ring = createKeyRing({ db, masterKeys });
  const seal = createSystemSeal(masterKeys);
  const mailer = mailServer && createMailer(mailServer);
  const temporal = createLazyTemporal(temporalSettings, ring, log);
  const metrics = createMetrics({ version: settings.version, poolUse: () => poolUseOf(db) });
  const dispatcher = createDispatcher({ db, ring, temporal, metrics, settings, log });
  const outbox = createOutbox({ db, seal, mailer, log });
  return {
    db,
    ring,
    seal,
    temporal,
    metrics,
    settings,
    log,
    auth: createAuth({ db, webUrl: settings.webUrl, secret: cookieSecret(masterKeys), log }),
    accessTokens: createAccessTokens(masterKeys, settings.webUrl),
    breachedPasswords: breachedPasswordsFile === null ? null : openBreachedPasswords(breachedPasswordsFile),
    nodeKinds: createNodeKinds(nodeDefinitions, credentialDefinitions),
    dispatcher,
    placer: createPlacer({ db, temporal, log }, () => dispatcher.kick()),
    repairer: createRepairer({ db, ring, temporal, log }),
    eventDeliverer: createEventDeliverer({ db, ring, temporal, log }),
    scheduleKeeper: createScheduleKeeper({ db, temporal, log }),
    outbox,
    notifier: createNotifier({ db, ring, seal, outbox, settings, log }),
    runFeed: createRunFeed(db, log),
    close: async () => {
      await Promise.all([temporal.close(), mailer?.close()]);
    },
  };
};
