import type { KeyRing } from '@everwave/temporal/encryption';
import { createDataConverter } from '@everwave/temporal/data-converter';
import type { Client } from '@temporalio/client';
import { createHistoryDecoder } from './decode-history.ts';
import { fetchChain } from './fetch-chain.ts';
import { type FoldedHost, foldHost } from './fold-host.ts';

export interface HostReading {
  readonly runs: FoldedHost;
  readonly temporalRunId: string;
  /** False once the host has ended in Temporal. */
  readonly isOpen: boolean;
  /** A worker was executing a workflow task that is not part of what was read. */
  readonly isTaskUnderWay: boolean;
}

/** Hosts read last, by client: their runs are compared one after the other. */
const readings = new WeakMap<Client, Map<string, HostReading>>();
const kept = 8;

/** What a host's history says of its runs; null when Temporal does not know it. */
export const readHost = async (client: Client, ring: KeyRing, workflowId: string): Promise<HostReading | null> => {
  const known = readings.get(client) ?? new Map<string, HostReading>();
  readings.set(client, known);
  const before = known.get(workflowId);
  if (before) return before;
  const chain = await fetchChain(client, workflowId);
  const [part] = chain?.parts ?? [];
  if (!chain || !part) return null;
  const dataConverter = createDataConverter({ ring, withoutOrg: 'withhold' });
  const decoder = createHistoryDecoder(dataConverter, client.options.namespace, workflowId);
  const runs = await foldHost(part, workflowId, decoder);
  if (!runs) return null;
  const { isOpen, isTaskUnderWay } = chain;
  const reading = { runs, temporalRunId: part.temporalRunId, isOpen, isTaskUnderWay };
  if (!chain.isOpen) {
    known.set(workflowId, reading);
    for (const oldest of [...known.keys()].slice(0, -kept)) known.delete(oldest);
  }
  return reading;
};
