import type { NodeManifest } from '../node/manifest.ts';
import type { FlowGraph, GraphNode } from './graph.ts';
import type { Issue } from './issue.ts';
import type { ActionStep, FrameStep, Plan, PlanEdge, PlanStep } from './plan.ts';
import { withBatches } from './batches.ts';
import { findReads } from './find-reads.ts';
import { chooseLane, isHostable } from './lane.ts';
import { resolveActivityOptions } from './policy.ts';
import { answersCaller } from './answers-caller.ts';
import { resolveEffect } from './resolve-effect.ts';
import { subflowKind, type Subflows, toSubflowStep } from './subflows.ts';
import { toControlStep, type StepPlace } from './to-control-step.ts';
import { planVariables, secretPlaces, type VariableTypes } from './variables.ts';
import { validateFlow, type ConnectionSummary } from './validate.ts';
import { type GraphIndex, indexGraph } from './validate/graph-index.ts';

export interface CompileArguments {
  readonly flowId: string;
  readonly flowVersion: number;
  /** The flow's name. */
  readonly title: string;
  readonly graph: FlowGraph;
  readonly manifests: readonly NodeManifest[];
  readonly connections?: readonly ConnectionSummary[];
  /** The flows that the drawing runs as sub-flows. */
  readonly subflows?: Subflows;
  readonly variables?: VariableTypes;
}

/** `issues` holds warnings when `ok`, and at least one error when not. */
export type Compiled =
  | { readonly ok: true; readonly plan: Plan; readonly issues: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Turns a drawing into the plan that a run executes. The same drawing gives the same plan, whatever the order of its
 * nodes and edges, their places on the canvas, and their notes.
 */
export const compileFlow = ({
  flowId,
  flowVersion,
  title,
  graph,
  manifests,
  connections,
  subflows = new Map(),
  variables,
}: CompileArguments): Compiled => {
  const issues = validateFlow(graph, manifests, {
    flowId,
    subflows,
    ...(connections && { connections }),
    ...(variables && { variables }),
  });
  if (issues.some(({ severity }) => severity === 'error')) return { ok: false, issues };

  const index = indexGraph(graph, manifests);
  const { order, byId, nodes, edges: drawn } = index;
  const orderOf = new Map(order.map((id, place) => [id, place]));
  const edges = drawn
    .map(({ from, port, to }): PlanEdge => ({ from, port, to }))
    .toSorted(
      (left, right) =>
        (orderOf.get(left.from) ?? 0) - (orderOf.get(right.from) ?? 0) ||
        (orderOf.get(left.to) ?? 0) - (orderOf.get(right.to) ?? 0) ||
        (left.port < right.port ? -1 : 1),
    );
  const at = (end: 'from' | 'to', id: string) => edges.flatMap((edge, index) => (edge[end] === id ? [index] : []));

  const { onFailure = answersCaller(graph.nodes) ? 'fail' : 'park' } = graph.settings;
  const settings = { ...graph.settings, onFailure };
  const reads = findReads(nodes.map(({ node }) => node));
  const drawnSteps = order.map((id, place): [string, PlanStep] => {
    const { node, manifest } = byId.get(id) ?? {};
    if (!node || !manifest)
      throw new Error(`Step ${id} was sorted but does not exist. This is a defect of compileFlow.`);
    const base: StepPlace = {
      id,
      title: node.title,
      region: node.parent ?? 'root',
      order: place,
      incoming: at('to', id),
      outgoing: at('from', id),
    };
    if (manifest.category === 'action') {
      const step = toActionStep(base, { node, manifest, reads: reads.get(id) ?? [], settings, variables });
      const undoes = index.undoes.get(id);
      return [id, { ...step, ...undoOf(id, index), ...(undoes !== undefined && { undoes }) }];
    }
    if (node.kind === subflowKind) return [id, { ...toSubflowStep(base, node, subflows), ...undoOf(id, index) }];
    return [id, toControlStep(base, node, leadingOnlyTo(id, index))];
  });
  const steps = withBatches(drawnSteps);

  const plan: Plan = {
    planVersion: 1,
    flowId,
    flowVersion,
    title,
    regions: toRegions(steps.map(([, step]) => step)),
    steps: Object.fromEntries(steps),
    edges,
    settings,
    ...planVariables(
      nodes.map(({ node }) => node.input),
      steps.map(([, step]) => step),
      variables,
    ),
    ...(isHostable(graph.settings.lane, steps) && { hostable: true }),
  };
  return { ok: true, plan, issues };
};

/** The flow itself, and a region for each frame, its steps in dispatch order. */
const toRegions = (steps: readonly PlanStep[]): Plan['regions'] => {
  const within = (region: string) => steps.filter((step) => step.region === region).map(({ id }) => id);
  const frames = steps.filter((step): step is FrameStep => frameTypes.has(step.type));
  return {
    root: { id: 'root', kind: 'root', parent: null, steps: within('root') },
    ...Object.fromEntries(
      frames.map(({ id, type, region }) => [id, { id, kind: type, parent: region, steps: within(id) }]),
    ),
  };
};

const frameTypes: ReadonlySet<string> = new Set(['forEach', 'while', 'try', 'finally'] satisfies FrameStep['type'][]);

/** Steps from which every way leads to this one, in plan order: a merge may cancel them. */
const leadingOnlyTo = (id: string, { order, outgoing, byId }: GraphIndex): readonly string[] => {
  const found = new Set([id]);
  for (const each of order.toReversed()) {
    const ways = outgoing.get(each) ?? [];
    const isTrigger = byId.get(each)?.manifest?.category === 'trigger';
    if (!isTrigger && ways.length > 0 && ways.every(({ to }) => found.has(to))) found.add(each);
  }
  found.delete(id);
  return order.filter((each) => found.has(each));
};

const undoOf = (id: string, { undoOf: undone }: GraphIndex): Pick<ActionStep, 'undo'> => {
  const undo = undone.get(id);
  return undo === undefined ? {} : { undo };
};

interface ActionParts {
  readonly node: GraphNode;
  readonly manifest: NodeManifest;
  readonly reads: readonly string[];
  readonly settings: Plan['settings'] & Pick<FlowGraph['settings'], 'lane'>;
  readonly variables: VariableTypes | undefined;
}

const toActionStep = (base: StepPlace, { node, manifest, reads, settings, variables }: ActionParts): ActionStep => {
  const { activity, kind, version } = manifest;
  const effect = resolveEffect(manifest, node.input);
  if (!activity || !effect) {
    throw new Error(`The manifest of ${kind}@${version} says nothing about its activity. Build it with toManifest.`);
  }
  const options = resolveActivityOptions(activity, node.policy);
  const secrets = secretPlaces(node.input, (name) => variables?.get(name) === 'secret');
  return {
    ...base,
    type: 'action',
    activity: `${kind}@${version}`,
    input: node.input,
    // What a node cannot use it is not given, whatever the drawing says.
    connectionId: manifest.credential === null ? null : node.connectionId,
    ...(secrets.length > 0 && { secrets }),
    ...effect,
    ...chooseLane(settings.lane, effect, options.taskQueue),
    options,
    onFailure: node.policy.onFailure ?? settings.onFailure,
    reads,
  };
};
