import { afterAll, expect, type RunnerTestSuite } from 'vitest';
import type { AnyNodeDefinition } from '@everwave/schema/node';

const seen = new Map<string, Set<string>>();

/** The harness reports how each attempt ended. */
export const recordFailure = (kind: string, failure: string): void => {
  seen.set(kind, (seen.get(kind) ?? new Set()).add(failure));
};

/**
 * Called once in a node's test file: when the file has run, every failure that the definition names must have come out
 * of the node at least once. A filtered run proves nothing and is not held to it.
 */
export const provesEveryFailure = ({ definition }: { readonly definition: AnyNodeDefinition }): void => {
  // oxlint-disable-next-line no-empty-pattern -- Vitest reads the wanted fixtures from this pattern: none
  afterAll(({}, file) => {
    if (hasSkipped(file as RunnerTestSuite)) return;
    const missing = Object.keys(definition.failures).filter((name) => !seen.get(definition.kind)?.has(name));
    expect(missing, `failures of ${definition.kind} that no test produces`).toEqual([]);
  });
};

const hasSkipped = (suite: Pick<RunnerTestSuite, 'tasks'>): boolean =>
  suite.tasks.some((task) => ('tasks' in task ? hasSkipped(task) : task.mode === 'skip' || task.mode === 'todo'));
