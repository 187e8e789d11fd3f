import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Activity, createActivities } from '@everwave/activities/worker';
import { createActivityDependencies } from '../src/stores/activity-dependencies.ts';
import { createHarness, type Harness } from './harness.ts';

export interface SiteHarness {
  readonly harness: Harness;
  /** `http://127.0.0.1:<port>` */
  readonly address: string;
  readonly close: () => Promise<void>;
}

/** Puts a service on loopback, and starts a worker with the real nodes, which may call it. */
export const createSiteHarness = async (site: Server): Promise<SiteHarness> => {
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const host = `127.0.0.1:${(site.address() as AddressInfo).port}`;
  const harness = await createHarness({
    activities: ({ db, ring, logger }): Record<string, Activity> =>
      createActivities(createActivityDependencies({ db, ring, logger, egressAllow: [host] })),
  });
  return {
    harness,
    address: `http://${host}`,
    close: async () => {
      await harness.close();
      site.close();
    },
  };
};
