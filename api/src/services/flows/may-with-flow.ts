import type { Permission } from '@everwave/schema/api';
import { tables, type Transaction } from '@everwave/schema/db';
import { eq } from 'drizzle-orm';
import { mayWith, type Reach } from '../../auth/within.ts';

const { flows, folders } = tables;

/** What the caller may do with a flow and its runs. */
export const mayWithFlow = async (tx: Transaction, caller: Reach['caller'], id: string): Promise<Permission[]> => {
  const [row] = await tx
    .select({ isRestricted: flows.isRestricted, folder: folders })
    .from(flows)
    .leftJoin(folders, eq(folders.id, flows.folderId))
    .where(eq(flows.id, id));
  return row ? mayWith(caller, { thing: 'flow', id, ...row }) : [];
};
