import type { NodeManifest } from '../node/manifest.ts';
import type { FlowGraph } from './graph.ts';
import type { Issue } from './issue.ts';

/** What validation needs to know of a connection. */
export interface ConnectionSummary {
  readonly id: string;
  /** The credential's kind: `slack.bot`. */
  readonly kind: string;
  readonly name: string;
}

export interface ValidateOptions {
  /** The org's connections. Without them only the absence of a needed connection is reported, not a wrong one. */
  readonly connections?: readonly ConnectionSummary[];
}

/**
 * Everything wrong with a drawing, each with its place on the canvas. An empty list, or one with warnings only, can be
 * published. `manifests` are the connectors' nodes; triggers and control nodes are known here.
 */
export const validateFlow = (
  _graph: FlowGraph,
  _manifests: readonly NodeManifest[],
  _options: ValidateOptions = {},
): readonly Issue[] => [];
