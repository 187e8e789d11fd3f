import * as expression from '@everwave/schema/expression';
import * as interpreter from '@everwave/schema/interpreter';

/** Evaluated once per worker and frozen, instead of once per run: large libraries, and nothing that a run could change. */
// Used by name, because the bundler drops a bare import of a package that says it has no side effects.
export const preloaded = { expression, interpreter };
