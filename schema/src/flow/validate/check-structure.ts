import { isCompensation } from '../compensation.ts';
import type { Issue } from '../issue.ts';
import { portsOf } from '../core-nodes.ts';
import { findCycles } from './find-cycles.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

const issueOf = (placed: PlacedNode, issue: Pick<Issue, 'severity' | 'code' | 'message'>, within = ''): Issue => ({
  ...issue,
  path: `nodes[${placed.index}]${within}`,
  nodeId: placed.node.id,
});

/** Nodes: unknown kinds, ids used twice. */
export const checkNodes = ({ nodes, byId, manifests }: GraphIndex): readonly Issue[] =>
  nodes.flatMap((placed) => {
    const { node, manifest } = placed;
    const issues: Issue[] = [];
    if (byId.get(node.id) !== placed) {
      issues.push(
        issueOf(
          placed,
          {
            severity: 'error',
            code: 'duplicate_node_id',
            message: `Two steps are called ${node.id}. Give one of them another id.`,
          },
          '.id',
        ),
      );
    }
    if (!manifest) {
      const versions = manifests.filter(({ kind }) => kind === node.kind).map(({ version }) => version);
      const [code, within, message] =
        versions.length > 0
          ? ([
              'unknown_version',
              '.version',
              `There is no version ${node.version} of ${node.kind}; there is ${versions.join(', ')}.`,
            ] as const)
          : (['unknown_kind', '.kind', `There is no kind of step called ${node.kind}.`] as const);
      issues.push(issueOf(placed, { severity: 'error', code, message }, within));
    } else if (manifest.deprecated) {
      const message = `${node.kind}@${node.version} is out of date; use ${manifest.deprecated.use}.`;
      issues.push(issueOf(placed, { severity: 'warning', code: 'deprecated_kind', message }, '.kind'));
    }
    return issues;
  });

/** Edges: ends that do not exist, ports that do not exist, repetitions, and edges into triggers. */
export const checkEdges = ({ graph, byId }: GraphIndex): readonly Issue[] => {
  const ids = new Set<string>();
  const arrows = new Set<string>();
  return graph.edges.flatMap((edge, index) => {
    const issues: Issue[] = [];
    const report = (code: string, message: string, within = '') =>
      issues.push({ severity: 'error', code, message, path: `edges[${index}]${within}`, edgeId: edge.id });

    if (ids.has(edge.id)) report('duplicate_edge_id', `Two edges have the id ${edge.id}.`, '.id');
    ids.add(edge.id);
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    if (!from) report('dangling_edge', `This edge starts at ${edge.from}, which does not exist.`, '.from');
    if (!to) report('dangling_edge', `This edge ends at ${edge.to}, which does not exist.`, '.to');

    const arrow = `${edge.from} ${edge.port} ${edge.to}`;
    if (arrows.has(arrow)) {
      report('duplicate_edge', `There are two edges from ${edge.from} (${edge.port}) to ${edge.to}. Delete one.`);
    }
    arrows.add(arrow);

    if (from?.manifest && !isCompensation(edge)) {
      const ports = portsOf(from.manifest, from.node.input).map(({ id }) => id);
      if (!ports.includes(edge.port)) {
        const choice = ports.length === 0 ? 'It has no way out.' : `It has: ${ports.join(', ')}.`;
        report('unknown_port', `${from.node.title} has no way out called "${edge.port}". ${choice}`, '.port');
      }
    }
    if (to?.manifest?.category === 'trigger') {
      report('edge_into_trigger', `${to.node.title} starts runs; nothing can lead into it.`, '.to');
    }
    return issues;
  });
};

/** The drawing as a whole: a trigger to start from, no cycle, nothing that can never run. */
export const checkFlow = (index: GraphIndex): readonly Issue[] => {
  const { nodes, byId, outgoing, incoming } = index;
  const issues: Issue[] = [];
  const triggers = nodes.filter(({ manifest }) => manifest?.category === 'trigger');
  if (triggers.length === 0) {
    const message = 'Nothing starts this flow. Add a trigger.';
    issues.push({ severity: 'error', code: 'no_trigger', message, path: '' });
  }
  for (const cycle of findCycles(index)) {
    const [first = ''] = cycle;
    const placed = byId.get(first);
    if (!placed) continue;
    const message = `These steps wait for each other in a circle: ${[...cycle, first].join(' → ')}. Take one edge away.`;
    issues.push(issueOf(placed, { severity: 'error', code: 'cycle', message }));
  }

  const reachable = new Set<string>();
  const pending = triggers.map(({ node }): string => node.id);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (reachable.has(id)) continue;
    reachable.add(id);
    for (const { to } of outgoing.get(id) ?? []) pending.push(to);
    pending.push(...[index.undoOf.get(id)].filter((undo) => undo !== undefined));
    // What nothing inside leads to begins with its frame.
    pending.push(...index.stepsIn(id).filter((inside) => (incoming.get(inside)?.length ?? 0) === 0));
  }
  for (const placed of byId.values()) {
    const { node } = placed;
    if (triggers.length > 0 && !reachable.has(node.id)) {
      const message = `${node.title} never runs: no trigger leads to it.`;
      issues.push(issueOf(placed, { severity: 'warning', code: 'unreachable_node', message }));
    }
    const branches = incoming.get(node.id)?.length ?? 0;
    const { join, count } = node.input;
    if (node.kind === 'control.merge' && join === 'count' && (typeof count !== 'number' || count > branches)) {
      const message =
        typeof count === 'number'
          ? `${node.title} waits for ${count} branches, and has ${branches}.`
          : `${node.title} does not say for how many branches it waits.`;
      issues.push(issueOf(placed, { severity: 'error', code: 'merge_count', message }, '.input.count'));
    }
    if (node.kind === 'control.merge' && branches < 2) {
      const message = `${node.title} has fewer than two branches to wait for.`;
      issues.push(issueOf(placed, { severity: 'warning', code: 'merge_without_branches', message }));
    }
  }
  return issues;
};
