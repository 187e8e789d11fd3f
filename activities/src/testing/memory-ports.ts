import { createHash } from 'node:crypto';
import { loadModelRegistry } from '../models/load-model-registry.ts';
import type { Json } from '@everwave/schema/flow';
import type {
  ActivityDependencies,
  CheckpointStore,
  Connection,
  EffectId,
  EffectLedger,
  EffectRecord,
  FileStore,
  FileUser,
  Logger,
  MeterReading,
  Sandbox,
  SentEvent,
  StepLimitStore,
} from '../runtime/ports.ts';

const models = loadModelRegistry();

/** The ports in memory, with what they hold open to a test's eyes. They survive a "crash" as a database would. */
export interface MemoryPorts extends ActivityDependencies {
  readonly connectionRows: Map<string, Connection>;
  readonly variableRows: Map<string, Json>;
  readonly effectRows: Map<string, EffectRecord>;
  readonly readings: MeterReading[];
  readonly sentEvents: SentEvent[];
  /** JSON by org and hash. */
  readonly valueRows: Map<string, Uint8Array>;
  readonly fileRows: MemoryFile[];
  readonly lines: { readonly level: string; readonly message: string; readonly attributes: unknown }[];
}

/** Who has which content, and what a step said of it when it made it. */
export interface MemoryFile {
  readonly use: FileUser & { readonly name: string };
  readonly file: { readonly name: string; readonly mediaType: string };
  readonly sha256: string;
  readonly content: Buffer;
}

/** Nothing is limited: nobody takes a place. */
const noLimits: StepLimitStore = {
  find: () => Promise.resolve([]),
  take: () => Promise.resolve(null),
  release: () => Promise.resolve(),
};

/** For whatever runs no code: starting a process is slow, and somebody would have to end it. */
const noSandbox: Sandbox = {
  warm: () => {},
  run: () => Promise.reject(new Error('This test has no sandbox. Give createMemoryPorts one.')),
  close: () => Promise.resolve(),
};

export const createMemoryPorts = (
  allow: readonly string[] = [],
  { sandbox = noSandbox }: { readonly sandbox?: Sandbox } = {},
): MemoryPorts => {
  const connectionRows = new Map<string, Connection>();
  const variableRows = new Map<string, Json>();
  const effectRows = new Map<string, EffectRecord>();
  const readings: MeterReading[] = [];
  const sentEvents: SentEvent[] = [];
  const valueRows = new Map<string, Uint8Array>();
  const fileRows: MemoryFile[] = [];
  const lines: MemoryPorts['lines'] = [];
  return {
    connectionRows,
    variableRows,
    effectRows,
    readings,
    sentEvents,
    valueRows,
    fileRows,
    lines,
    connections: { find: async (orgId, connectionId) => connectionRows.get(`${orgId}/${connectionId}`) ?? null },
    variables: { find: async (orgId, name) => variableRows.get(`${orgId}/${name}`) },
    limits: noLimits,
    effects: createMemoryLedger(effectRows),
    checkpoints: createMemoryCheckpoints(),
    meters: {
      record: async (more) => {
        readings.push(...more);
      },
    },
    events: {
      send: async (event) => {
        sentEvents.push(event);
        return { receivedAt: '2026-11-21T12:00:00.000Z', expiresAt: '2026-11-28T12:00:00.000Z' };
      },
    },
    values: {
      keep: async ({ orgId }, json) => {
        const sha256 = createHash('sha256').update(json).digest('hex');
        valueRows.set(`${orgId}/${sha256}`, json);
        return sha256;
      },
      adopt: async ({ orgId }, sha256) => valueRows.has(`${orgId}/${sha256}`),
      find: async (orgId, sha256) => valueRows.get(`${orgId}/${sha256}`) ?? null,
    },
    files: createMemoryFiles(fileRows),
    egress: { allow },
    sandbox,
    models,
    logger: memoryLogger(lines),
  };
};

const keyOf = ({ orgId, effectKey }: EffectId): string => `${orgId}/${effectKey}`;

const createMemoryLedger = (rows: Map<string, EffectRecord>): EffectLedger => ({
  async begin(intent, claim) {
    const existing = rows.get(keyOf(intent));
    if (existing) return { created: false, record: existing };
    const record: EffectRecord = {
      requestHash: intent.requestHash,
      state: claim ? 'sent' : 'intent',
      attempt: claim ? 1 : 0,
      ordinal: intent.ordinal,
      firstSentAt: claim?.at ?? null,
      keyExpiresAt: claim?.keyExpiresAt ?? null,
    };
    rows.set(keyOf(intent), record);
    return { created: true, record };
  },
  async markSent(effect, claim) {
    const row = rows.get(keyOf(effect));
    if (!row || row.attempt !== claim.seenAttempt || row.state === 'confirmed' || row.state === 'cancelled')
      return false;
    rows.set(keyOf(effect), {
      ...row,
      state: 'sent',
      attempt: row.attempt + 1,
      ordinal: claim.ordinal,
      firstSentAt: row.firstSentAt ?? claim.at,
      keyExpiresAt: row.keyExpiresAt ?? claim.keyExpiresAt,
    });
    return true;
  },
  async confirm(effect, { result, ordinal }) {
    const row = rows.get(keyOf(effect));
    if (row && row.state !== 'confirmed') rows.set(keyOf(effect), { ...row, state: 'confirmed', result, ordinal });
  },
  async settle(effect, { state, attempt, ordinal }) {
    const row = rows.get(keyOf(effect));
    if (row && row.state !== 'confirmed' && row.attempt === attempt)
      rows.set(keyOf(effect), { ...row, state, ordinal });
  },
});

const createMemoryCheckpoints = (): CheckpointStore => {
  const values = new Map<string, Json>();
  return {
    find: async (effect, name) => values.get(`${keyOf(effect)}/${name}`),
    async save(effect, name, value) {
      const key = `${keyOf(effect)}/${name}`;
      if (!values.has(key)) values.set(key, value);
      return values.get(key) as Json;
    },
  };
};

const createMemoryFiles = (rows: MemoryFile[]): FileStore => ({
  async keep(use, file, stream) {
    const content = Buffer.from(await new Response(ReadableStream.from(stream)).arrayBuffer());
    const sha256 = createHash('sha256').update(content).digest('hex');
    rows.push({ use, file, sha256, content });
    return { sha256, bytes: content.length };
  },
  async open({ orgId, runId, outermostRunId }, sha256) {
    const found = rows.find(
      ({ use, ...row }) =>
        row.sha256 === sha256 && use.orgId === orgId && (use.runId === runId || use.outermostRunId === outermostRunId),
    );
    return found ? { bytes: found.content.length, content: ReadableStream.from<Uint8Array>([found.content]) } : null;
  },
});

const memoryLogger = (lines: MemoryPorts['lines']): Logger => {
  const write = (level: string) => (message: string, attributes?: unknown) =>
    void lines.push({ level, message, attributes });
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
};
