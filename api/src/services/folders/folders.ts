import { randomUUIDv7 } from 'node:crypto';
import type { Folder, FolderRequest } from '@everwave/schema/api';
import { tables, type Transaction, withOrg } from '@everwave/schema/db';
import { folderIdSchema, toId } from '@everwave/schema/ids';
import { and, asc, count, eq, exists, ne, or, sql } from 'drizzle-orm';
import { lacking, mayDo } from '../../auth/permissions.ts';
import { within } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { uniqueViolationOf } from '../../database-errors.ts';
import { problem } from '../../problems.ts';
import { lockThing } from '../access/access.ts';
import { forgetAccessTo } from '../access/forget.ts';
import { audit } from '../audit.ts';
import { getFlow } from '../flows/find-flow.ts';

const { flows, folders, grants } = tables;

/** The folders by name, each with the number of flows in it that the caller may see. */
export const listFolders = (context: ServiceContext): Promise<Folder[]> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const rows = await tx
      .select({ folder: folders, flows: count(flows.id) })
      .from(folders)
      .leftJoin(
        flows,
        and(eq(flows.folderId, folders.id), ne(flows.status, 'archived'), within(context, 'flow', flows.id)),
      )
      .where(eq(folders.orgId, context.caller.orgId))
      .groupBy(folders.id)
      .orderBy(asc(folders.name));
    const seesAll = mayDo(context.caller, 'roles:manage');
    // A folder that is kept for others shows itself to those who see something in it.
    const shown = rows.filter(({ folder, flows: seen }) => !folder.isRestricted || seesAll || seen > 0);
    return shown.map(({ folder, flows: seen }) => toFolder(folder, seen));
  });

export const createFolder = (context: ServiceContext, { name }: FolderRequest): Promise<Folder> => {
  const { db, caller } = context;
  const id = toId('fold', randomUUIDv7());
  return withOrg(db, caller.orgId, async (tx) => {
    const [row] = await tx.insert(folders).values({ id, orgId: caller.orgId, name, createdBy: caller.id }).returning();
    if (!row) throw new Error(`The folder ${id} was not stored.`);
    await audit(tx, context, { action: 'folder.created', target: { kind: 'folder', id, name } });
    return toFolder(row, 0);
  }).catch(refuseTakenName(name));
};

export const renameFolder = (context: ServiceContext, id: string, { name }: FolderRequest): Promise<Folder> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    const { name: before } = await lockThing(tx, caller.orgId, { thing: 'folder', id });
    await refuseUnlessFree(tx, context, id);
    const [row] = await tx.update(folders).set({ name, updatedAt: new Date() }).where(eq(folders.id, id)).returning();
    if (!row) throw new Error(`The locked folder ${id} is gone.`);
    const fields = { before: { name: before }, after: { name } };
    await audit(tx, context, { action: 'folder.renamed', target: { kind: 'folder', id, name }, ...fields });
    const [seen] = await tx
      .select({ count: count() })
      .from(flows)
      .where(and(eq(flows.folderId, id), within(context, 'flow', flows.id)));
    return toFolder(row, seen?.count ?? 0);
  }).catch(refuseTakenName(name));
};

/** Only an empty one, so that no flow is opened to others by it. */
export const deleteFolder = (context: ServiceContext, id: string): Promise<void> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    const { name } = await lockThing(tx, caller.orgId, { thing: 'folder', id });
    await refuseUnlessFree(tx, context, id);
    const [inside] = await tx.select({ flows: count() }).from(flows).where(eq(flows.folderId, id));
    if (inside && inside.flows > 0) {
      throw problem(
        'folder_not_empty',
        `The folder ${name} still holds flows, archived ones among them: ${inside.flows}. Move them out first.`,
      );
    }
    await forgetAccessTo(tx, caller.orgId, { thing: 'folder', id });
    await tx.delete(folders).where(eq(folders.id, id));
    await audit(tx, context, { action: 'folder.deleted', target: { kind: 'folder', id, name } });
  });
};

/** Into another folder, or out of all. Where that changes who may reach the flow, it is for those who manage access. */
export const moveFlow = (context: ServiceContext, flowId: string, folderId: string | null): Promise<void> => {
  const { db, caller } = context;
  return withOrg(db, caller.orgId, async (tx) => {
    const flow = await getFlow(tx, context, flowId, 'lock');
    if (flow.folderId === folderId) return;
    if (folderId !== null) await lockThing(tx, caller.orgId, { thing: 'folder', id: folderId });
    for (const id of [flow.folderId, folderId]) if (id !== null) await refuseUnlessFree(tx, context, id);
    await tx.update(flows).set({ folderId, updatedAt: new Date() }).where(eq(flows.id, flowId));
    await audit(tx, context, {
      action: 'flow.moved',
      target: { kind: 'flow', id: flowId, name: flow.name },
      before: { folderId: flow.folderId },
      after: { folderId },
    });
  });
};

/** A folder that says who may reach what is in it is for those who say so. */
const refuseUnlessFree = async (tx: Transaction, { caller }: ServiceContext, folderId: string): Promise<void> => {
  if (mayDo(caller, 'roles:manage')) return;
  const isGranted = tx
    .select({ one: sql`1` })
    .from(grants)
    .where(and(eq(grants.orgId, caller.orgId), eq(grants.thing, 'folder'), eq(grants.thingId, folderId)));
  const [guarded] = await tx
    .select({ id: folders.id })
    .from(folders)
    .where(and(eq(folders.id, folderId), eq(folders.orgId, caller.orgId), or(folders.isRestricted, exists(isGranted))));
  if (guarded) throw lacking(caller, 'roles:manage');
};

const refuseTakenName =
  (name: string) =>
  (error: unknown): never => {
    if (uniqueViolationOf(error) !== 'folders_org_name') throw error;
    throw problem('name_taken', `Another folder is called “${name}”. Choose another name.`, {
      errors: [{ path: 'name', message: 'This name is taken.' }],
    });
  };

const toFolder = (row: typeof folders.$inferSelect, seen: number): Folder => ({
  id: folderIdSchema.parse(row.id),
  name: row.name,
  flows: seen,
  isRestricted: row.isRestricted,
  createdAt: row.createdAt.toISOString(),
});
