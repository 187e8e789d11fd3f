/** What a limit bounds: whole runs, or the steps that act on the outside world. */
export const limitKinds = ['runs', 'steps'] as const;
export type LimitKind = (typeof limitKinds)[number];

/** What becomes of a run that is over its limit. */
export const whenFullChoices = ['wait', 'refuse', 'skip', 'replace'] as const;
export type WhenFull = (typeof whenFullChoices)[number];

/** Names what a limit belongs to, within its org. Ids of different kinds are never equal. */
export const limitSubjects = {
  org: 'org',
  /** Holds for every flow that has none of its own. */
  eachFlow: 'each_flow',
  flow: (flowId: string) => flowId,
  node: (flowId: string, nodeId: string) => `${flowId}/${nodeId}`,
  connection: (connectionId: string) => connectionId,
} as const;

/** So many in so many seconds. */
export interface Rate {
  readonly count: number;
  readonly seconds: number;
}

export interface RunLimit {
  /** Runs that are under way at the same time. */
  readonly atOnce: number | null;
  /** Runs that begin. */
  readonly rate: Rate | null;
}

export interface StepLimit {
  /** Steps that are executed at the same time. */
  readonly atOnce: number | null;
  /** Steps that begin; `burst` of them may do so at once. */
  readonly rate: (Rate & { readonly burst: number }) | null;
}
