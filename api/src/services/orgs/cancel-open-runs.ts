import { setTimeout as sleep } from 'node:timers/promises';
import { toLoggable, tables, withOrg } from '@everwave/schema/db';
import { and, eq, type SQL } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import { HttpProblem } from '../../problems.ts';
import { audit } from '../audit.ts';
import { cancelRunOfOrg } from '../runs/cancel-run.ts';

const { flows, runs } = tables;

const atOnce = 20;
/** Milliseconds that whoever asked waits for runs to end; they go on ending afterwards. */
const patience = 10_000;
const lookEvery = 250;

/** Switches the org's flows off, so that nothing new begins, cancels what runs, and waits a moment for it to end. */
export const cancelOpenRuns = async (context: ServiceContext, isOpen: SQL | undefined): Promise<void> => {
  const { db, caller } = context;
  const open = await withOrg(db, caller.orgId, async (tx) => {
    const off = await tx
      .update(flows)
      .set({ status: 'inactive', updatedAt: new Date() })
      .where(and(eq(flows.orgId, caller.orgId), eq(flows.status, 'active')))
      .returning({ id: flows.id, name: flows.name });
    for (const { id, name } of off) {
      await audit(tx, context, {
        action: 'flow.deactivated',
        target: { kind: 'flow', id, name },
        before: { status: 'active' },
        after: { status: 'inactive' },
      });
    }
    const found = await tx.select({ id: runs.id }).from(runs).where(isOpen);
    const target = { kind: 'organization', id: caller.orgId, name: caller.orgName };
    await audit(tx, context, { action: 'org.deletion_asked', target, details: { runs: found.length } });
    return found;
  });
  for (let from = 0; from < open.length; from += atOnce) {
    await Promise.all(open.slice(from, from + atOnce).map(({ id }) => cancel(context, id)));
  }
  const until = Date.now() + patience;
  const count = () => withOrg(db, caller.orgId, (tx) => tx.$count(runs, isOpen));
  while ((await count()) > 0 && Date.now() < until) await sleep(lookEvery);
};

/** What does not take it, such as a run that ended meanwhile, is counted afterwards. */
const cancel = async (context: ServiceContext, runId: string): Promise<void> => {
  try {
    await cancelRunOfOrg(context, runId);
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    context.log.warn('a run was not cancelled with its organisation', { runId, error: toLoggable(error) });
  }
};
