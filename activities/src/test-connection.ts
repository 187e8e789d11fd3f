import type { ProbeInput, ProbeResult } from '@everwave/schema/run';
import { credentialImplementations } from './implementations.ts';
import { commonFailures } from './runtime/common-failures.ts';
import { createEgress } from './runtime/egress.ts';
import { openConnection } from './runtime/open-connection.ts';
import type { ActivityDependencies, Connection } from './runtime/ports.ts';
import { createRedactor } from './runtime/secrets.ts';
import { commonNameOf } from './runtime/to-application-failure.ts';

/**
 * Tries a connection the way its connector does, without any effect. A bad connection is an answer, not an error; only
 * a store that fails, or the signal, makes this throw.
 */
export const testConnection = async (
  dependencies: Pick<ActivityDependencies, 'connections' | 'egress' | 'logger'>,
  { orgId, connectionId }: ProbeInput,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  const connection = await dependencies.connections.find(orgId, connectionId);
  if (!connection) return { ok: false, message: 'There is no such connection.' };
  const redactor = createRedactor(connection.secret);
  const egress = createEgress(dependencies.egress);
  try {
    const verdict = await probe(connection, { egress, fetch: withSignal(egress.fetch, signal), signal });
    return {
      ...verdict,
      message: redactor.text(verdict.message),
    };
  } catch (error) {
    signal.throwIfAborted();
    const name = commonNameOf(error);
    dependencies.logger.info('connection test failed', { orgId, connectionId, kind: connection.kind, failure: name });
    const message = redactor.text(error instanceof Error ? error.message : String(error));
    return { ok: false, message, advice: commonFailures[name].advice };
  } finally {
    await egress.close();
  }
};

type Probe = Parameters<(typeof credentialImplementations)[number]['test']>[0];

const probe = async (connection: Connection, tools: Probe) => {
  const implementation = credentialImplementations.find(({ definition }) => definition.kind === connection.kind);
  if (!implementation)
    return { ok: false as const, message: `This worker knows no connection of kind ${connection.kind}.` };
  return implementation.test(tools, openConnection(connection, implementation.definition));
};

const withSignal =
  (egressFetch: Probe['fetch'], signal: AbortSignal): Probe['fetch'] =>
  (url, request = {}) =>
    egressFetch(url, { ...request, signal: request.signal ? AbortSignal.any([signal, request.signal]) : signal });
