import { type Connection, isGrpcServiceError } from '@temporalio/client';
import proto from '@temporalio/proto';
import { searchAttributeTypes } from './search-attributes.ts';

// The package is CommonJS whose names Node cannot see from outside.
const { IndexedValueType } = proto.temporal.api.enums.v1;
const indexedTypes = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  Int: IndexedValueType.INDEXED_VALUE_TYPE_INT,
} as const;

/** gRPC status codes (https://grpc.io/docs/guides/status-codes) that are answered here. */
const grpc = {
  invalidArgument: 3,
  notFound: 5,
  alreadyExists: 6,
  permissionDenied: 7,
  unimplemented: 12,
  unauthenticated: 16,
};

export interface NamespaceOptions {
  readonly connection: Connection;
  /** host:port, for the commands that are printed. */
  readonly address: string;
  readonly namespace: string;
  /** Days for which Temporal keeps a closed run's history. A longer retention is left as it is. */
  readonly retentionDays?: number;
}

export type NamespaceResult =
  /** `changed` lists what was done, in words; empty when all was there. */
  | { readonly ok: true; readonly changed: readonly string[] }
  /** The server does not let us. `commands` are for a person who may; then start again. */
  | { readonly ok: false; readonly reason: string; readonly commands: readonly string[] };

/** Makes the namespace and its search attributes, and waits until the server knows them. Idempotent. */
export const registerNamespaceAndSearchAttributes = async (options: NamespaceOptions): Promise<NamespaceResult> => {
  const { connection, namespace, retentionDays = 30 } = options;
  const changed: string[] = [];
  try {
    changed.push(...(await ensureNamespace(connection, namespace, retentionDays)));
    changed.push(...(await patiently(namespace, () => ensureSearchAttributes(connection, namespace))));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (await isUsable(connection, namespace)) return { ok: true, changed };
    return { ok: false, reason: error.message, commands: namespaceCommands(options) };
  }
  await patiently(namespace, () => searchOnce(connection, namespace));
  return { ok: true, changed };
};

/** What a person with the right to do so types when the server refuses us. */
export const namespaceCommands = ({
  address,
  namespace,
  retentionDays = 30,
}: Pick<NamespaceOptions, 'address' | 'namespace' | 'retentionDays'>): string[] => [
  `temporal operator namespace create --address ${address} --namespace ${namespace} --retention ${retentionDays}d`,
  [
    `temporal operator search-attribute create --address ${address} --namespace ${namespace}`,
    ...Object.entries(searchAttributeTypes).map(([name, type]) => `--name ${name} --type ${type}`),
  ].join(' '),
];

type GrpcError = Error & { readonly code: number };
const hasCode = (error: unknown, ...codes: number[]): error is GrpcError =>
  isGrpcServiceError(error) && codes.includes(error.code);
const isRefusal = (error: unknown): error is GrpcError =>
  hasCode(error, grpc.permissionDenied, grpc.unauthenticated, grpc.unimplemented);

const duration = (days: number) => ({ seconds: days * 24 * 60 * 60 }) as never;

const ensureNamespace = async (connection: Connection, namespace: string, days: number): Promise<string[]> => {
  const service = connection.workflowService;
  try {
    const { config } = await service.describeNamespace({ namespace });
    const kept = Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0);
    if (kept >= days * 24 * 60 * 60) return [];
    await service.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: duration(days) } });
    return [`retention of ${namespace} raised to ${days} days`];
  } catch (error) {
    if (!hasCode(error, grpc.notFound)) throw error;
  }
  try {
    await service.registerNamespace({ namespace, workflowExecutionRetentionPeriod: duration(days) });
    return [`namespace ${namespace} created`];
  } catch (error) {
    // Another process was faster.
    if (hasCode(error, grpc.alreadyExists)) return [];
    throw error;
  }
};

const ensureSearchAttributes = async (connection: Connection, namespace: string): Promise<string[]> => {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const known = new Map(Object.entries(customAttributes ?? {}));
  const missing: Record<string, number> = {};
  for (const [name, type] of Object.entries(searchAttributeTypes)) {
    const found = known.get(name);
    if (found === undefined) missing[name] = indexedTypes[type];
    else if (found !== indexedTypes[type]) {
      throw new Error(
        `The search attribute ${name} exists in namespace ${namespace} with another type than ${type}. Use another namespace (TEMPORAL_NAMESPACE).`,
      );
    }
  }
  if (Object.keys(missing).length === 0) return [];
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  } catch (error) {
    if (!hasCode(error, grpc.alreadyExists)) throw error;
  }
  return [`search attributes created: ${Object.keys(missing).join(', ')}`];
};

/** Fails while some part of the server does not know the search attributes yet. */
const searchOnce = (connection: Connection, namespace: string): Promise<unknown> => {
  const query = Object.keys(searchAttributeTypes)
    .map((name) => `${name} is null`)
    .join(' and ');
  return connection.workflowService.countWorkflowExecutions({ namespace, query });
};

/** True when somebody has prepared the namespace for us. */
const isUsable = (connection: Connection, namespace: string): Promise<boolean> =>
  searchOnce(connection, namespace).then(
    () => true,
    () => false,
  );

/** Each part of the server refreshes its knowledge of namespaces on its own clock, about once a second. */
const patiently = async <T>(namespace: string, ask: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!hasCode(error, grpc.notFound, grpc.invalidArgument)) throw error;
      if (Date.now() > deadline) {
        throw new Error(`Temporal made the namespace ${namespace}, but does not answer for it.`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};
