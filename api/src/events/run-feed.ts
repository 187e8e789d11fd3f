import { toLoggable } from '@everwave/schema/db';
import { runChannel, type RunNotice, runNoticeSchema } from '@everwave/schema/api';
import type { Database } from '@everwave/schema/db';
import type { Logger } from '@everwave/temporal/logger';

/** Tells whoever watches that a run changed. One Postgres connection listens for all of them. */
export interface RunFeed {
  start(): Promise<void>;
  /** Calls back with each notice of this org, until the returned function is called. */
  subscribe(orgId: string, notice: (notice: RunNotice) => void): () => void;
  /** Aborted when the process drains: streams end, and browsers come back to another process. */
  readonly closing: AbortSignal;
  stop(): Promise<void>;
}

const retryAfter = 2_000;

export const createRunFeed = (db: Database, log: Logger): RunFeed => {
  const subscribers = new Map<string, Set<(notice: RunNotice) => void>>();
  const closing = new AbortController();
  let listening: { unlisten: () => Promise<void> } | null = null;

  const pass = (payload: string): void => {
    const notice = parseNotice(payload);
    if (!notice) return log.warn('notice not understood', { channel: runChannel });
    for (const subscriber of subscribers.get(notice.orgId) ?? []) subscriber(notice);
  };

  const listen = async (): Promise<void> => {
    try {
      // The driver listens again by itself after a lost connection, but not after a failed first one.
      listening = await db.$client.listen(runChannel, pass);
    } catch (error) {
      log.warn('not listening for run changes yet, streams poll meanwhile', { error: toLoggable(error) });
      if (!closing.signal.aborted) setTimeout(() => void listen(), retryAfter).unref();
    }
  };

  return {
    start: listen,
    subscribe: (orgId, notice) => {
      const others = subscribers.get(orgId) ?? new Set();
      subscribers.set(orgId, others.add(notice));
      return () => {
        others.delete(notice);
        if (others.size === 0) subscribers.delete(orgId);
      };
    },
    closing: closing.signal,
    stop: async () => {
      closing.abort();
      await listening?.unlisten();
    },
  };
};

const parseNotice = (payload: string): RunNotice | null => {
  try {
    return runNoticeSchema.parse(JSON.parse(payload));
  } catch {
    return null;
  }
};
