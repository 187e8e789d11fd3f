import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';

/** What every fake's Hono app knows of the connection it answers on. */
export interface FakeEnvironment {
  Bindings: HttpBindings;
}

export interface FakeAddress {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
}

/** A fake that is listening. */
export interface RunningFake {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

export const serveFake = async (app: Hono<FakeEnvironment>, address: FakeAddress = {}): Promise<RunningFake> => {
  const host = address.host ?? '127.0.0.1';
  const server = createAdaptorServer({ fetch: app.fetch });
  server.listen(address.port ?? 0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${port}`,
    host,
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
};
