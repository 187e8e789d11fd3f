import { type GrantedThing, tables, type Transaction } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { readAccess } from '../../auth/access.ts';
import { type Guarded, type Reach, reaches } from '../../auth/within.ts';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';

const { connections, flows, folders } = tables;

interface Thing {
  readonly thing: GrantedThing;
  readonly id: string;
}

/** Changes who may reach it, unless whoever changes it could not see it any longer. */
export const refuseLockOut = async (
  tx: Transaction,
  { caller }: Pick<ServiceContext, 'caller'>,
  about: Thing,
  change: () => Promise<void>,
): Promise<void> => {
  const isSeenBefore = await isSeen(tx, caller, about);
  await change();
  // A program is not helped by a refusal: whoever made its key can still say who reaches what.
  if (!isSeenBefore || caller.kind !== 'user') return;
  const grantees = [{ kind: caller.kind, id: caller.id }];
  const access = await readAccess(tx, { orgId: caller.orgId, grantees, held: caller, scopes: null });
  if (await isSeen(tx, { ...caller, access }, about)) return;
  throw problem('locks_out', `You would not see this ${about.thing} any longer. Keep a grant for yourself.`, {
    errors: [{ path: 'grants', message: 'Add yourself, or a team of yours.' }],
  });
};

const isSeen = async (tx: Transaction, caller: Reach['caller'], about: Thing): Promise<boolean> => {
  const permission = about.thing === 'connection' ? 'connections:read' : 'flows:read';
  const guarded = await readGuarded(tx, about);
  return guarded !== null && reaches({ caller, permission }, guarded);
};

const readGuarded = async (tx: Transaction, { thing, id }: Thing): Promise<Guarded | null> => {
  if (thing === 'connection') {
    const [row] = await tx.select().from(connections).where(eq(connections.id, id));
    return row ? { thing, id, isRestricted: row.isRestricted } : null;
  }
  if (thing === 'folder') {
    const [folder] = await tx.select().from(folders).where(eq(folders.id, id));
    return folder ? { thing: 'flow', id: '', isRestricted: false, folder } : null;
  }
  const [row] = await tx
    .select({ isRestricted: flows.isRestricted, folder: folders })
    .from(flows)
    .leftJoin(folders, eq(folders.id, flows.folderId))
    .where(eq(flows.id, id));
  return row ? { thing, id, ...row } : null;
};
