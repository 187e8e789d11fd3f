import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach } from 'vitest';
import { runCli } from '../cli.ts';

/** The command line against an api that answers as a test says. Each test begins with empty lists. */
export interface StubApi {
  /** Method, path and, where there was one, body of each call. */
  readonly calls: readonly string[];
  /** The same without what only reads. */
  readonly changes: readonly string[];
  readonly printed: readonly string[];
  readonly complained: readonly string[];
  /** Resolves with the exit code. */
  readonly everwave: (...words: string[]) => Promise<number>;
}

type Answer = (request: Pick<IncomingMessage, 'method' | 'url'>) => object | undefined;

/** A deletion is answered without a body, everything else with what `answer` gives. */
export const useStubApi = (answer: Answer): StubApi => {
  const [calls, changes, printed, complained]: [string[], string[], string[], string[]] = [[], [], [], []];
  let server: Server;
  beforeEach(async () => {
    for (const list of [calls, changes, printed, complained]) list.length = 0;
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const call = `${request.method} ${request.url} ${body}`.trim();
        calls.push(call);
        if (request.method !== 'GET') changes.push(call);
        if (request.method === 'DELETE') return response.writeHead(204).end();
        const json = { 'content-type': 'application/json' };
        return response.writeHead(200, json).end(JSON.stringify(answer(request)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));
  return {
    calls,
    changes,
    printed,
    complained,
    everwave: (...words) =>
      runCli(words, {
        environment: {
          EVERWAVE_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          EVERWAVE_API_KEY: 'ew_test',
        },
        folder: tmpdir(),
        print: (line) => void printed.push(line),
        complain: (line) => void complained.push(line),
        runScript: () => Promise.resolve(0),
      }),
  };
};
