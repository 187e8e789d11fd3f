import { createHash } from 'node:crypto';
import {
  compileFlow,
  type ConnectionSummary,
  type Issue,
  type Plan,
  type Subflows,
  toCanonicalJson,
  type VariableTypes,
} from '@everwave/schema/flow';
import type { NodeKinds } from '../../node-kinds.ts';
import { problem } from '../../problems.ts';
import type { FlowRow } from './find-flow.ts';

export interface CompiledDraft {
  readonly plan: Plan;
  /** Hex SHA-256 of the plan's canonical JSON. */
  readonly planHash: string;
}

/** What else the org has. */
export interface Surroundings {
  readonly connections: readonly ConnectionSummary[];
  readonly subflows: Subflows;
  readonly variables: VariableTypes;
}

/** The plan of a flow's draft, or a problem that names each node and field to correct. */
export const compileDraft = (
  flow: FlowRow,
  flowVersion: number,
  nodeKinds: NodeKinds,
  { connections, subflows, variables }: Surroundings,
): CompiledDraft => {
  const compiled = compileFlow({
    flowId: flow.id,
    flowVersion,
    title: flow.name,
    graph: flow.draft,
    manifests: nodeKinds.connectors,
    connections,
    subflows,
    variables,
  });
  if (!compiled.ok) {
    const count = compiled.issues.filter(({ severity }) => severity === 'error').length;
    throw problem(
      'flow_invalid',
      `${count === 1 ? 'One thing stops' : `${count} things stop`} this flow from being published.`,
      {
        errors: compiled.issues.map(toError),
      },
    );
  }
  const { plan } = compiled;
  return { plan, planHash: createHash('sha256').update(toCanonicalJson(plan)).digest('hex') };
};

const toError = ({ path, ...issue }: Issue) => ({ path: path ? `graph.${path}` : 'graph', ...issue });
