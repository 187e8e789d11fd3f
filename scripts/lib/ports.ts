import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below the ports that a system gives to outgoing connections and to whoever asks for any (from 32768 on Linux, 49152 on
 * macOS): one of those may be given away again before the process that it was chosen for listens.
 */
const range = { from: 10_000, to: 32_000 };

/** A port that was free a moment ago on 127.0.0.1. */
export const freePort = async (): Promise<number> => {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(range.from, range.to);
    if ((await portProblem('127.0.0.1', port)) === null) return port;
  }
  throw new Error(`Of 100 ports between ${range.from} and ${range.to} none is free on 127.0.0.1.`);
};

/** Whether something already listens on the port, or the address cannot be used: the system's own word for it, or null when it is free. */
export const portProblem = (host: string, port: number): Promise<string | null> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
