/** Where a step stands in a run: its scope instance and its id. */
export interface Place {
  readonly scope: string;
  readonly stepId: string;
}

export const rootScope = 'root';

/** `send` in the flow itself, `each[7].send` inside a loop. */
export const pathOf = ({ scope, stepId }: Place): string => (scope === rootScope ? stepId : `${scope}.${stepId}`);

/** The scope of a frame that runs once: `guarded`. */
export const frameScope = (owner: Place): string => pathOf(owner);

/** The scope of one iteration: `each[7]`. */
export const iterationScope = (owner: Place, index: number): string => `${pathOf(owner)}[${index}]`;

/** What an evaluation about a scope is called among steps: `each[3]!`. No step has such a path. */
export const ofScope = (scope: string): string => `${scope}${scopeMark}`;
export const scopeMark = '!';

export const placeOf = (path: string): Place => {
  const dot = path.lastIndexOf('.');
  return dot === -1 ? { scope: rootScope, stepId: path } : { scope: path.slice(0, dot), stepId: path.slice(dot + 1) };
};

/** The frame that a scope is an instance of, and, of a loop, which iteration. Null for the flow itself. */
export const ownerOf = (scope: string): (Place & { readonly index?: number }) | null => {
  if (scope === rootScope) return null;
  const iteration = /^(.*)\[(\d+)\]$/.exec(scope);
  return iteration ? { ...placeOf(iteration[1] ?? ''), index: Number(iteration[2]) } : placeOf(scope);
};
