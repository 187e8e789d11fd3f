import { tables } from '@everwave/schema/db';
import { gt, sql } from 'drizzle-orm';

/** Minutes for which one entry stands for what a person does again and again: pages save and read anew by themselves. */
const sitting = 10;

/** Entries of the audit log that are no older than that. */
export const inThisSitting = gt(tables.auditEvents.at, sql`now() - make_interval(mins => ${sitting})`);
