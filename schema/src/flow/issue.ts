/** One thing wrong with a flow, with its place on the canvas. An `error` blocks publishing, a `warning` does not. */
export interface Issue {
  readonly severity: 'error' | 'warning';
  /** Stable, for machines: `unknown_kind`, `cycle`, `missing_field`, `bad_expression`. */
  readonly code: string;
  /** What is wrong and what to do, for a person. */
  readonly message: string;
  /** JSON path into the graph: `nodes[3].input.text`, `edges[0]`. Empty for the flow as a whole. */
  readonly path: string;
  readonly nodeId?: string;
  readonly edgeId?: string;
  /** Field of the node's input, as its form shows it: `text`, `headers.accept`. */
  readonly field?: string;
}
