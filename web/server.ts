import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequestListener } from '@react-router/node';
import type { ServerBuild } from 'react-router';
import { env } from './app/env.server.ts';
import { log } from './app/log.server.ts';
import { createWebServer } from './server/create-web-server.ts';
import { openStaticFiles } from './server/static-files.ts';
import { createWebMetrics } from './server/web-metrics.ts';

/** Open streams (live updates) are cut after this long when the process is asked to stop. */
const drainMilliseconds = 5_000;

const main = async (): Promise<void> => {
  const { host, port, publicUrl, apiInternalUrl, trustedProxies, metricsToken } = env();

  const buildFolder = join(import.meta.dirname, 'build');
  const buildFile = join(buildFolder, 'server', 'index.js');
  if (!existsSync(buildFile)) {
    throw new Error(`There is no built web at ${buildFolder}. Build it first: pnpm --filter @everwave/web build`);
  }
  const build = (await import(pathToFileURL(buildFile).href)) as ServerBuild;
  const server = createWebServer({
    publicUrl,
    apiInternalUrl,
    trustedProxies,
    files: await openStaticFiles(join(buildFolder, 'client')),
    pages: createRequestListener({
      // Behind a TLS proxy this process sees http, while the browser's Origin says https.
      build: { ...build, allowedActionOrigins: [publicUrl.host] },
      mode: 'production',
    }),
    metrics: createWebMetrics('0.1.0'),
    metricsToken,
    log: log(),
  });

  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address() as AddressInfo;
  log().info({ url: publicUrl.origin, port: address.port }, 'web is up');

  const stop = (signal: NodeJS.Signals): void => {
    log().info({ signal }, 'web is stopping');
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), drainMilliseconds).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
};

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
