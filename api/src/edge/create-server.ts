import { createServer } from 'node:http';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import type { createApp } from '../app.ts';
import type { Limits } from '../settings.ts';

type SocketLimits = Pick<Limits, 'headerBytes' | 'headerTimeout' | 'requestTimeout'>;

/**
 * The app on a socket, with bounds on what a connection may cost before any route is asked: whoever sends the head or
 * the body of a request too slowly is told 408 and cut off, a head that is too large is 431.
 */
export const createBoundedServer = (
  app: Pick<ReturnType<typeof createApp>, 'fetch'>,
  { headerBytes, headerTimeout, requestTimeout }: SocketLimits,
): ServerType =>
  createAdaptorServer({
    fetch: app.fetch,
    createServer,
    serverOptions: {
      maxHeaderSize: headerBytes,
      headersTimeout: headerTimeout,
      requestTimeout,
      // How often Node looks; the bounds hold to within that.
      connectionsCheckingInterval: Math.min(1_000, headerTimeout),
    },
  });
