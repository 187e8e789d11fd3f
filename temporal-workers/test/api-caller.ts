import { createHash, randomBytes } from 'node:crypto';
import { tables, withSystem } from '@everwave/schema/db';
import { expect } from 'vitest';
import type { Harness } from './harness.ts';

/** Calls real apis with a key of the harness's org. */
export interface ApiCaller {
  request(url: string, method: string, path: string, body?: unknown): Promise<Response>;
  /** The answer's body. An answer that is no success fails the test. */
  // oxlint-disable-next-line typescript/no-explicit-any -- answers of every shape
  call(url: string, method: string, path: string, body?: unknown): Promise<any>;
}

export const createApiCaller = async ({ db, orgId }: Harness, role: 'developer' | 'operator'): Promise<ApiCaller> => {
  const apiKey = `ew_${randomBytes(32).toString('base64url')}`;
  await withSystem(db, (tx) =>
    tx.insert(tables.apiKeys).values({
      id: 'key_1',
      name: 'Caller',
      keyHash: createHash('sha256').update(apiKey).digest('base64url'),
      start: apiKey.slice(0, 7),
      orgId,
      role,
    }),
  );
  const request: ApiCaller['request'] = (url, method, path, body) =>
    fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': apiKey },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    request,
    call: async (url, method, path, body) => {
      const response = await request(url, method, path, body);
      const answer: unknown = await response.json();
      expect(response.ok, JSON.stringify(answer)).toBe(true);
      return answer;
    },
  };
};
