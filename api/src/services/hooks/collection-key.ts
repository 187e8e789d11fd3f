import { createHash } from 'node:crypto';
import type { Collect, Json } from '@everwave/schema/flow';
import { evaluateTemplate } from '@everwave/schema/expression';

/** With which others a delivery belongs. */
export type CollectionKey =
  | { readonly ok: true; readonly hash: string }
  /** It belongs with no other one; `message` says why. */
  | { readonly ok: false; readonly message: string };

const longestKey = 200;

/** The key of a delivery, as a hash: it may name a customer, and nobody needs to read it. */
export const collectionKeyOf = async ({ key }: Collect, trigger: Json, now: number): Promise<CollectionKey> => {
  if (key === null) return { ok: true, hash: hashOf('all') };
  const scope = {
    trigger,
    steps: {},
    vars: {},
    env: {},
    run: { id: '', url: '', flowName: '', startedAt: new Date(now).toISOString() },
  };
  const evaluated = await evaluateTemplate(key, scope, { now, seed: 0 });
  if (!evaluated.ok) return { ok: false, message: `The key cannot be evaluated: ${evaluated.error.message}` };
  const { value } = evaluated;
  if (value === null || typeof value === 'object') {
    return { ok: false, message: 'The key is neither a text nor a number, so that it belongs with no other delivery.' };
  }
  const text = String(value);
  if (text.length > longestKey) {
    return { ok: false, message: `The key has ${text.length} characters; at most ${longestKey} are possible.` };
  }
  return { ok: true, hash: hashOf(`key ${JSON.stringify(value)}`) };
};

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
