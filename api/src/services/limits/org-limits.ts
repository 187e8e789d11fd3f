import type { OrgLimits, SetOrgLimits } from '@everwave/schema/api';
import { type Transaction, withOrg } from '@everwave/schema/db';
import { limitSubjects } from '@everwave/schema/run';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { findLimits } from './limits-of.ts';
import { runPlaces, stepPlaces } from './places-in-use.ts';
import { storeLimits, toFlowLimit, toRunLimit, toStepLimit } from './store-limits.ts';

const { org, eachFlow } = limitSubjects;

export const readOrgLimits = ({ db, caller }: ServiceContext): Promise<OrgLimits> =>
  withOrg(db, caller.orgId, (tx) => read(tx, caller.orgId));

export const setOrgLimits = async (context: ServiceContext, asked: SetOrgLimits): Promise<OrgLimits> => {
  const { db, caller, placer } = context;
  const now = await withOrg(db, caller.orgId, async (tx) => {
    const { usage: _, ...before } = await read(tx, caller.orgId);
    // A default that limits nothing lifts nothing: there is nothing above it.
    const { atOnce, rate } = asked.eachFlow;
    await storeLimits(tx, caller, [
      { subject: org, kind: 'runs', limit: asked.runs },
      { subject: eachFlow, kind: 'runs', limit: atOnce === null && rate === null ? null : asked.eachFlow },
      { subject: org, kind: 'steps', limit: asked.steps },
    ]);
    await audit(tx, context, {
      action: 'org.limits_set',
      target: { kind: 'org', id: caller.orgId, name: caller.orgName },
      before,
      after: asked,
    });
    return read(tx, caller.orgId);
  });
  placer.kick();
  return now;
};

const read = async (tx: Transaction, orgId: string): Promise<OrgLimits> => {
  const found = await findLimits(tx, orgId, [org, eachFlow]);
  return {
    runs: toRunLimit(found.of(org, 'runs')),
    eachFlow: toFlowLimit(found.of(eachFlow, 'runs')),
    steps: toStepLimit(found.of(org, 'steps')),
    usage: { runs: await runPlaces(tx, orgId), steps: await stepPlaces(tx, orgId, org) },
  };
};
