import { toMilliseconds } from '../duration.ts';
import type { Issue } from '../issue.ts';
import type { Duration } from '../plan.ts';
import { checkPolicy } from '../policy.ts';
import { checkInput } from './check-input.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';
import { toField } from './to-field.ts';

/** What validation needs to know of a connection. */
export interface ConnectionSummary {
  readonly id: string;
  /** The credential's kind: `slack.bot`. */
  readonly kind: string;
  readonly name: string;
}

/** Each node's fields against its schema. */
export const checkInputs = ({ nodes }: GraphIndex): readonly Issue[] =>
  nodes.flatMap((placed) => {
    const { node, manifest, index } = placed;
    if (!manifest) return [];
    const problems = checkInput(manifest.input, node.input).map(({ code, message, path }): Issue => {
      const field = toField(path);
      return {
        severity: 'error',
        code,
        message,
        path: toField(['nodes', index, 'input', ...path]),
        nodeId: node.id,
        field,
      };
    });
    return [...problems, ...checkCases(placed)];
  });

const checkCases = ({ node, index }: PlacedNode): readonly Issue[] => {
  const { cases } = node.input;
  if (node.kind !== 'control.switch' || !Array.isArray(cases)) return [];
  const ports = cases.map((each: unknown) => (each as { port?: unknown } | null)?.port);
  return ports.flatMap((port, place) => {
    if (typeof port !== 'string' || ports.indexOf(port) === place) return [];
    const message = `Two cases are called ${port}. Give one of them another name.`;
    const field = `cases[${place}].port`;
    return [
      {
        severity: 'error',
        code: 'duplicate_case',
        message,
        path: `nodes[${index}].input.${field}`,
        nodeId: node.id,
        field,
      },
    ];
  });
};

/** Each node's connection: there where it is needed, and of the right kind. */
export const checkConnections = (
  { nodes }: GraphIndex,
  connections: readonly ConnectionSummary[] | undefined,
): readonly Issue[] =>
  nodes.flatMap(({ node, manifest, index }) => {
    if (!manifest) return [];
    const report = (severity: Issue['severity'], code: string, message: string): readonly Issue[] => [
      { severity, code, message, path: `nodes[${index}].connectionId`, nodeId: node.id },
    ];
    const { credential } = manifest;
    if (node.connectionId === null) {
      if (!credential || credential.optional) return [];
      return report('error', 'missing_connection', `${node.title} needs a connection of the kind ${credential.kind}.`);
    }
    if (!credential) return report('warning', 'unused_connection', `${node.title} uses no connection.`);
    if (!connections) return [];
    const connection = connections.find(({ id }) => id === node.connectionId);
    if (!connection) return report('error', 'unknown_connection', `The connection of ${node.title} does not exist.`);
    if (connection.kind === credential.kind) return [];
    return report(
      'error',
      'wrong_connection_kind',
      `${node.title} needs a connection of the kind ${credential.kind}; ${connection.name} is ${connection.kind}.`,
    );
  });

/** Retries, timeouts and what a failure does. */
export const checkPolicies = ({ nodes, outgoing }: GraphIndex): readonly Issue[] =>
  nodes.flatMap(({ node, manifest, index }) => {
    const fields = Object.keys(node.policy);
    if (!manifest || fields.length === 0) return [];
    const path = `nodes[${index}].policy`;
    if (!manifest.activity) {
      const message = `${node.title} runs inside the flow itself, so that its retries and timeouts have no effect.`;
      return [{ severity: 'warning', code: 'unused_policy', message, path, nodeId: node.id }];
    }
    const issues: Issue[] = checkPolicy(manifest.activity, node.policy).map(({ field, message }) => ({
      severity: 'error',
      code: 'policy_out_of_bounds',
      message,
      path: `${path}.${field}`,
      nodeId: node.id,
      field,
    }));
    const hasErrorEdge = (outgoing.get(node.id) ?? []).some(({ port }) => port === 'error');
    if (hasErrorEdge && node.policy.onFailure !== undefined) {
      const message = `${node.title} has an error edge, which takes its failures; what else to do on failure has no effect.`;
      issues.push({ severity: 'warning', code: 'unused_policy', message, path: `${path}.onFailure`, nodeId: node.id });
    }
    return issues;
  });

const limits: { readonly [Field in 'parkLimit' | 'runTimeout']: readonly [Duration, Duration] } = {
  parkLimit: ['1s', '365d'],
  runTimeout: ['1s', '365d'],
};

/** The flow's own limits. */
export const checkLimits = ({ graph }: GraphIndex): readonly Issue[] =>
  (Object.keys(limits) as (keyof typeof limits)[]).flatMap((field) => {
    const [least, most] = limits[field];
    const value = toMilliseconds(graph.settings[field]);
    if (value >= toMilliseconds(least) && value <= toMilliseconds(most)) return [];
    const message = `${field} must lie between ${least} and ${most}; it is ${graph.settings[field]}.`;
    return [{ severity: 'error', code: 'setting_out_of_bounds', message, path: `settings.${field}`, field }];
  });
