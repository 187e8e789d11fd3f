import type { Issue } from '../issue.ts';
import { whyDurable } from '../lane.ts';
import type { DurableReason } from '../plan.ts';
import { resolveEffect } from '../resolve-effect.ts';
import type { GraphIndex } from './graph-index.ts';

const reasons: { readonly [Reason in DurableReason]: string } = {
  spends: 'it spends money, which must not happen twice',
  cannot_be_repeated: 'nothing can tell whether an earlier try has already done it',
  needs_own_queue: 'it runs on workers of its own',
};

/** Which steps of an express flow stay durable, and whether the setting then means anything. */
export const checkLane = ({ graph, nodes }: GraphIndex): readonly Issue[] => {
  if (graph.settings.lane !== 'express') return [];
  const actions = nodes.flatMap(({ node, manifest, index }) => {
    const effect = manifest && resolveEffect(manifest, node.input);
    if (!manifest?.activity || !effect) return [];
    return [{ node, index, reason: whyDurable(effect, manifest.activity.taskQueue ?? 'flow') }];
  });
  if (actions.length > 0 && actions.every(({ reason }) => reason !== null)) {
    const message =
      'Express makes nothing faster here: no step of this flow can run in the express lane. Choose durable.';
    return [{ severity: 'warning', code: 'express_without_effect', message, path: 'settings.lane', field: 'lane' }];
  }
  return actions.flatMap(({ node, index, reason }): Issue[] => {
    if (reason === null) return [];
    const message = `${node.title} stays a durable step in this express flow: ${reasons[reason]}.`;
    return [{ severity: 'warning', code: 'stays_durable', message, path: `nodes[${index}]`, nodeId: node.id }];
  });
};
