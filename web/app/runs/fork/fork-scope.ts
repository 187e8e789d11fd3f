import type { ForkPreview, Run, RunFork } from '@everwave/schema/api';

/** Whether a sub-flow's run is started again by itself, or with the flow that waits for it, which goes on with what it gives. */
export type ForkScope = 'alone' | 'around';

/** The run that is asked, and the request as that one understands it: in a sub-flow `send` is `ship/send`. */
export const toScope = <Request extends Pick<RunFork, 'from' | 'outputs'>>(
  { id, parent }: Pick<Run, 'id' | 'parent'>,
  scope: ForkScope,
  request: Request,
): { readonly runId: string; readonly request: Request } => {
  if (scope === 'alone' || !parent) return { runId: id, request };
  const outputs = Object.entries(request.outputs).map(([path, output]) => [`${parent.path}/${path}`, output] as const);
  const from = `${parent.path}/${request.from}`;
  return { runId: parent.runId, request: { ...request, from, outputs: Object.fromEntries(outputs) } };
};

/** What runs again of the run itself, under its own paths. */
export const againIn = (
  { parent }: Pick<Run, 'parent'>,
  scope: ForkScope,
  { again }: Pick<ForkPreview, 'again'>,
): ForkPreview['again'] => {
  if (scope === 'alone' || !parent) return again;
  const prefix = `${parent.path}/`;
  return again.flatMap((step) =>
    step.path.startsWith(prefix) ? [{ ...step, path: step.path.slice(prefix.length) }] : [],
  );
};

/** Names what is asked of whom, so that an answer to an earlier question is not taken for one to this. */
export const toQuestion = (runId: string, fork: string): string => `${runId} ${fork}`;
