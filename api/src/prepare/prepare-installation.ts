import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { type Database, tables, withOrg, withSystem } from '@everwave/schema/db';
import { type OrgId, orgIdSchema, toId } from '@everwave/schema/ids';
import { asc, eq } from 'drizzle-orm';
import * as z from 'zod';
import { everywhere } from '../auth/access.ts';
import { builtInRole } from '../auth/find-role.ts';
import { hashToken } from '../auth/secret-token.ts';
import type { Caller, ServiceContext } from '../context.ts';
import { createApiKey } from '../services/account/api-keys.ts';
import { isSetupNeeded } from '../services/account/complete-setup.ts';
import type { Environment } from '../env.ts';
import { prepareSample, type Sample } from './prepare-sample.ts';

const { apiKeys, organizations, setupTokens } = tables;

/** What the supervisor prints. */
export interface Prepared {
  readonly firstStart: boolean;
  /** The one-time link for the owner; null once there is one. */
  readonly setupUrl: string | null;
  readonly sampleCurl: string | null;
  /** Only when newly made: it is shown nowhere else. */
  readonly apiKey: string | null;
  readonly orgId: string;
  readonly flowId: string | null;
}

export type PrepareTools = Pick<ServiceContext, 'db' | 'ring' | 'nodeKinds'> & {
  readonly environment: Pick<Environment, 'settings' | 'demo'>;
};

const setupLinkHours = 72;
const keyName = 'Command line';

/** Written when the first start has done all of its work: a start that died half-way is done again. */
const stateSchema = z.object({ preparedAt: z.string(), sampleFlowId: z.string().nullable() });

/**
 * Brings a migrated database to the point where a person can begin. Finds what earlier starts made, so it may run any
 * number of times; the caller sees to it that it does not run twice at once.
 */
export const prepareInstallation = async (tools: PrepareTools): Promise<Prepared> => {
  const { db, environment } = tools;
  const { orgId, state } = await findOrCreateOrg(db);
  const caller = systemCaller(orgId);
  const requestId = `prepare-${randomUUIDv7()}`;
  const context = { ...tools, caller, permission: 'flows:publish' as const, requestId };
  const apiKey = state ? null : await renewKey(context);
  const sample: Sample = await prepareSample(context, state?.sampleFlowId ?? null);
  if (!state) await rememberState(db, orgId, sample.flowId);
  return {
    firstStart: state === null,
    setupUrl: (await isSetupNeeded(tools)) ? await newSetupLink(db, orgId, environment.settings.webUrl) : null,
    sampleCurl: sample.curl,
    apiKey,
    orgId,
    flowId: sample.flowId,
  };
};

/** Set-up acts in its own name: the audit log says so. */
const systemCaller = (orgId: OrgId): Caller => ({
  kind: 'apiKey',
  id: 'everwave',
  name: 'Everwave',
  email: null,
  apiKey: null,
  orgId,
  orgName: 'Everwave',
  ...builtInRole('owner'),
  access: everywhere,
});

const findOrCreateOrg = (db: Database) =>
  withSystem(db, async (tx) => {
    const [found] = await tx.select().from(organizations).orderBy(asc(organizations.createdAt)).limit(1);
    if (found) return { orgId: orgIdSchema.parse(found.id), state: parseState(found.metadata) };
    const orgId = toId('org', randomUUIDv7());
    await tx.insert(organizations).values({ id: orgId, name: 'Everwave', slug: 'everwave' });
    return { orgId, state: null };
  });

const parseState = (metadata: string | null): z.infer<typeof stateSchema> | null =>
  metadata === null ? null : (stateSchema.safeParse(JSON.parse(metadata)).data ?? null);

const rememberState = (db: Database, orgId: OrgId, sampleFlowId: string | null): Promise<void> =>
  withSystem(db, async (tx) => {
    const state = { preparedAt: new Date().toISOString(), sampleFlowId };
    await tx
      .update(organizations)
      .set({ metadata: JSON.stringify(state) })
      .where(eq(organizations.id, orgId));
  });

/** A start that died before it could print its key leaves one that nobody holds. */
const renewKey = async (context: Pick<ServiceContext, 'db' | 'caller' | 'requestId'>): Promise<string> => {
  await withOrg(context.db, context.caller.orgId, (tx) => tx.delete(apiKeys).where(eq(apiKeys.name, keyName)));
  const { key } = await createApiKey(context, { name: keyName, role: 'developer', scopes: null, expiresInDays: null });
  return key;
};

/** Earlier links stay good until one is used: whoever opened one need not start again. */
const newSetupLink = async (db: Database, orgId: OrgId, webUrl: string): Promise<string> => {
  const token = randomBytes(24).toString('base64url');
  const expiresAt = new Date(Date.now() + setupLinkHours * 60 * 60 * 1_000);
  await withSystem(db, (tx) =>
    tx.insert(setupTokens).values({ tokenHash: hashToken(token), organizationId: orgId, expiresAt }),
  );
  return `${webUrl}/setup?token=${token}`;
};
