import type { DeleteOrgRequest, OrgDeletionPreview } from '@everwave/schema/api';
import { tables, type Transaction, withOrg, withSystem } from '@everwave/schema/db';
import { closedRunStatuses } from '@everwave/schema/run';
import { and, eq, notInArray, sql } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { instanceChain } from '../admin/instance-audit.ts';
import { audit } from '../audit.ts';
import { confirmPassword } from '../identity/confirm-password.ts';
import { lockOrg } from '../members/lock-org.ts';
import { cancelOpenRuns } from './cancel-open-runs.ts';
import { getOrg } from './org.ts';

const { apiKeys, connections, flows, members, organizations, runs } = tables;

const isOpenRun = (orgId: string) => and(eq(runs.orgId, orgId), notInArray(runs.status, [...closedRunStatuses]));

/** What goes with the org, for whoever is about to delete it. */
export const previewOrgDeletion = ({ db, caller: { orgId } }: ServiceContext): Promise<OrgDeletionPreview> =>
  withOrg(db, orgId, async (tx) => ({
    name: (await getOrg(tx, orgId)).name,
    people: await tx.$count(members, eq(members.organizationId, orgId)),
    flows: await tx.$count(flows, eq(flows.orgId, orgId)),
    runs: await tx.$count(runs, eq(runs.orgId, orgId)),
    openRuns: await tx.$count(runs, isOpenRun(orgId)),
    connections: await tx.$count(connections, eq(connections.orgId, orgId)),
    apiKeys: await tx.$count(apiKeys, eq(apiKeys.orgId, orgId)),
    isLast: (await tx.$count(organizations)) === 1,
  }));

/**
 * Everything of the org goes, but its audit log. Asked of a person, by its name and their password. Refused while a run is
 * open: Temporal would go on with it.
 */
export const deleteOrg = async (
  context: ServiceContext,
  { name, password, cancelRuns }: DeleteOrgRequest,
): Promise<void> => {
  const { db, caller } = context;
  const { orgId } = caller;
  if (caller.kind !== 'user') {
    throw problem('not_allowed', 'Only a person deletes an organisation. Sign in instead of sending an API key.');
  }
  const org = await withOrg(db, orgId, (tx) => getOrg(tx, orgId));
  refuseOtherName(org.name, name);
  await confirmPassword(context, password);
  if (cancelRuns) {
    await withSystem(db, refuseLast);
    await cancelOpenRuns(context, isOpenRun(orgId));
  }
  await withSystem(db, async (tx) => {
    await refuseLast(tx);
    await lockOrg(tx, orgId);
    refuseOtherName((await getOrg(tx, orgId)).name, name);
    const open = await tx.$count(runs, isOpenRun(orgId));
    if (open > 0) throw runsOpen(open, cancelRuns);
    for (const chain of [instanceChain, orgId]) {
      await audit(
        tx,
        { ...context, caller: { ...caller, orgId: chain } },
        { action: 'organization.deleted', target: { kind: 'organization', id: orgId, name: org.name } },
      );
    }
    // As long as it takes: it is all or nothing.
    await tx.execute(
      sql`select set_config('statement_timeout', '0', true), set_config('everwave.org', ${orgId}, true)`,
    );
    await tx.execute(sql`select delete_own_organization(${orgId})`);
  });
};

const refuseOtherName = (name: string, typed: string): void => {
  if (typed.trim() === name) return;
  throw problem('invalid_request', `Type the name of the organisation to confirm: ${name}`, {
    errors: [{ path: 'name', message: `This is not its name. Type: ${name}` }],
  });
};

const runsOpen = (open: number, areCancelled: boolean) =>
  problem(
    'runs_open',
    areCancelled
      ? `${open} runs are cancelled and have not ended yet. Nothing else was deleted; try again in a moment.`
      : `${open} runs of the organisation are open. Let them end, or cancel them with it.`,
  );

/** One at a time, until the transaction ends: of the last two one stays. */
const refuseLast = async (tx: Transaction): Promise<void> => {
  await tx.execute(sql`select pg_advisory_xact_lock(hashtext('everwave.organizations'))`);
  if ((await tx.$count(organizations)) > 1) return;
  throw problem('last_organisation', 'This is the only organisation of the installation, which needs one.');
};
