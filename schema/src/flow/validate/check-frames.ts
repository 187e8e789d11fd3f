import { isDuration, toMilliseconds } from '../duration.ts';
import type { Issue } from '../issue.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

const deepest = 8;
const longestLimit = toMilliseconds('365d');

/** Ids that a frame cannot have: they name what every run has. */
const reserved: readonly string[] = ['root'];

/** Frames: who stands in which, what may not stand in one, and what each must hold. */
export const checkFrames = (index: GraphIndex): readonly Issue[] => [
  ...index.nodes.flatMap((placed) => [...checkPlace(placed, index), ...checkFrame(placed, index)]),
  ...checkCrossings(index),
];

const issueAt = ({ node, index }: PlacedNode, code: string, message: string, within = ''): Issue => ({
  severity: 'error',
  code,
  message,
  path: `nodes[${index}]${within}`,
  nodeId: node.id,
});

const checkPlace = (placed: PlacedNode, { byId, framesAround }: GraphIndex): readonly Issue[] => {
  const { node, manifest } = placed;
  if (node.kind === 'control.finally' && byId.get(node.parent ?? '')?.node.kind !== 'control.try') {
    return [issueAt(placed, 'finally_outside_try', `${node.title} stands in no try. Move it into one.`, '.parent')];
  }
  if (node.parent === undefined) return [];
  const frame = byId.get(node.parent);
  if (!frame?.manifest?.frame) {
    const message = frame
      ? `${node.title} stands inside ${frame.node.title}, which is no frame for other steps.`
      : `${node.title} stands inside ${node.parent}, which does not exist.`;
    return [issueAt(placed, 'unknown_parent', message, '.parent')];
  }
  const around = framesAround(node.id);
  if (around.includes(node.id)) {
    return [issueAt(placed, 'frame_in_itself', `${node.title} stands inside itself.`, '.parent')];
  }
  if (manifest?.category === 'trigger') {
    return [issueAt(placed, 'trigger_in_frame', `${node.title} starts runs: it stands outside of frames.`, '.parent')];
  }
  if (node.kind === 'control.return') {
    const message = `${node.title} says what the run gives: it stands outside of frames.`;
    return [issueAt(placed, 'return_in_frame', message, '.parent')];
  }
  if (around.length > deepest) {
    return [issueAt(placed, 'frames_too_deep', `${node.title} stands in more than ${deepest} frames.`, '.parent')];
  }
  return [];
};

const checkFrame = (placed: PlacedNode, { byId, stepsIn }: GraphIndex): readonly Issue[] => {
  const { node, manifest } = placed;
  if (!manifest?.frame || byId.get(node.id) !== placed) return [];
  const issues: Issue[] = [];
  if (reserved.includes(node.id)) {
    issues.push(issueAt(placed, 'reserved_id', `A frame cannot be called ${node.id}. Give it another id.`, '.id'));
  }
  const inside = stepsIn(node.id);
  const cleanups = inside.filter((id) => byId.get(id)?.node.kind === 'control.finally');
  if (inside.length === cleanups.length) {
    issues.push(issueAt(placed, 'empty_frame', `${node.title} holds no step. Move one into it.`));
  }
  const { timeLimit } = node.input;
  if (isDuration(timeLimit) && (toMilliseconds(timeLimit) < 1_000 || toMilliseconds(timeLimit) > longestLimit)) {
    const message = `The time limit of ${node.title} must lie between 1s and 365d; it is ${timeLimit}.`;
    issues.push({ ...issueAt(placed, 'setting_out_of_bounds', message, '.input.timeLimit'), field: 'timeLimit' });
  }
  if (cleanups.length > 1) {
    issues.push(issueAt(placed, 'several_finally', `${node.title} holds ${cleanups.length} finally. One is possible.`));
  }
  return issues;
};

/** An edge stays in its frame: what goes on behind the last step inside goes on behind the frame. */
const checkCrossings = ({ graph, byId }: GraphIndex): readonly Issue[] =>
  graph.edges.flatMap((edge, index) => {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    if (!from || !to) return [];
    const report = (code: string, message: string): Issue[] => [
      { severity: 'error', code, message, path: `edges[${index}]`, edgeId: edge.id },
    ];
    if (to.node.kind === 'control.finally') {
      return report('edge_into_finally', `${to.node.title} begins by itself when the try ends. Delete this edge.`);
    }
    const isFrame = (id: string | undefined) => id === undefined || byId.get(id)?.manifest?.frame === true;
    if (from.node.parent !== to.node.parent && isFrame(from.node.parent) && isFrame(to.node.parent)) {
      return report(
        'edge_crosses_frame',
        `This edge leads from ${from.node.title} to ${to.node.title} across the border of a frame. Lead it to or from the frame itself.`,
      );
    }
    return [];
  });
