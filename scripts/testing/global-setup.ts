import type { TestProject } from 'vitest/node';
import type {} from './protocol.ts';
import { startTestServers, type TestServers } from './test-servers.ts';

/** One set of servers per run of Vitest, although this file is loaded once per project. */
const shared = globalThis as { everwaveTestServers?: { servers: Promise<TestServers>; users: number } };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.everwaveTestServers ??= { servers: startTestServers(), users: 0 };
  const mine = shared.everwaveTestServers;
  mine.users += 1;
  const servers = await mine.servers;
  project.provide('testServers', servers.url);
  return async () => {
    mine.users -= 1;
    if (mine.users === 0) await servers.stop();
  };
}
