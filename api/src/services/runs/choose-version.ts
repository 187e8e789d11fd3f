import type { RunFork } from '@everwave/schema/api';
import type { Transaction } from '@everwave/schema/db';
import type { ServiceContext } from '../../context.ts';
import { problem } from '../../problems.ts';
import { getFlow } from '../flows/find-flow.ts';
import { getVersion } from '../flows/versions.ts';
import type { RunRow } from './find-run.ts';

export interface ChosenVersion {
  readonly flowVersion: number;
  readonly planHash: string;
}

/** The version of a run's flow that a caller means: the run's own, the one that is live, or a number. */
export const chooseVersion = async (
  tx: Transaction,
  context: ServiceContext,
  { flowId, flowVersion, planHash }: RunRow,
  wanted: RunFork['version'],
): Promise<ChosenVersion> => {
  if (wanted === 'own' || wanted === flowVersion) return { flowVersion, planHash };
  const { liveVersion } = await getFlow(tx, context, flowId);
  const number = wanted === 'live' ? liveVersion : wanted;
  if (number === null)
    throw problem('flow_not_published', 'The flow has no live version. Publish it, or give a number.');
  const version = await getVersion(tx, flowId, number);
  return { flowVersion: version.version, planHash: version.planHash };
};
