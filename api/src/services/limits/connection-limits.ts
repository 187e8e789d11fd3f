import type { ConnectionLimits, SetConnectionLimits } from '@everwave/schema/api';
import { type Transaction, withOrg } from '@everwave/schema/db';
import { limitSubjects } from '@everwave/schema/run';
import type { ServiceContext } from '../../context.ts';
import { audit } from '../audit.ts';
import { getConnection } from '../connections/to-connection.ts';
import { findLimits } from './limits-of.ts';
import { stepPlaces } from './places-in-use.ts';
import { storeLimits, toStepLimit } from './store-limits.ts';

const { connection: subjectOf } = limitSubjects;

export const readConnectionLimits = (context: ServiceContext, connectionId: string): Promise<ConnectionLimits> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    await getConnection(tx, context, connectionId);
    return read(tx, context.caller.orgId, connectionId);
  });

export const setConnectionLimits = (
  context: ServiceContext,
  connectionId: string,
  asked: SetConnectionLimits,
): Promise<ConnectionLimits> =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const { caller } = context;
    const { name } = await getConnection(tx, context, connectionId);
    const { steps } = await read(tx, caller.orgId, connectionId);
    await storeLimits(tx, caller, [{ subject: subjectOf(connectionId), kind: 'steps', limit: asked.steps }]);
    await audit(tx, context, {
      action: 'connection.limits_set',
      target: { kind: 'connection', id: connectionId, name },
      before: { steps },
      after: asked,
    });
    return read(tx, caller.orgId, connectionId);
  });

const read = async (tx: Transaction, orgId: string, connectionId: string): Promise<ConnectionLimits> => {
  const found = await findLimits(tx, orgId, [subjectOf(connectionId)]);
  return {
    steps: toStepLimit(found.of(subjectOf(connectionId), 'steps')),
    usage: { steps: await stepPlaces(tx, orgId, subjectOf(connectionId)) },
  };
};
