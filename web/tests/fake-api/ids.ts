import { createHash } from 'node:crypto';
import { toId } from '@everwave/schema/ids';

type Prefix = Parameters<typeof toId>[0];

/** The same words give the same id, so that a test can name what it looks for. */
export const idOf = <Kind extends Prefix>(kind: Kind, words: string) =>
  toId<Kind>(kind, createHash('sha256').update(words).digest('hex').slice(0, 32));
