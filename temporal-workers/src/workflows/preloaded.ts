import * as expression from '@everwave/schema/expression';
import * as interpreter from '@everwave/schema/interpreter';
import * as workflows from './index.ts';

/**
 * Evaluated once per worker and frozen, instead of once per run: large libraries, and the workflows themselves. A module
 * of theirs must not hold anything that a run changes: it would be another run's, too.
 */
// Used by name, because the bundler drops a bare import of a package that says it has no side effects.
export const preloaded = { expression, interpreter, workflows };
