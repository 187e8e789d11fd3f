import type { Failure } from '@everwave/schema/run';
import type { Entry } from './entry.ts';

/**
 * The entry with a failure that Postgres can keep. Its words may be a service's, and hold a NUL or half of a surrogate
 * pair; one such text would keep the whole run from being shown.
 */
export const toStorable = (entry: Entry): Entry => {
  switch (entry.kind) {
    case 'run':
      return { ...entry, transition: withStorableFailure(entry.transition) };
    case 'step':
      return { ...entry, transition: withStorableFailure(entry.transition) };
    case 'attemptEnded':
      return withStorableFailure(entry);
    case 'repair':
    case 'answer':
    case 'migrated':
    case 'attemptStarted':
    case 'ejected':
    case 'started':
      return entry;
  }
};

const withStorableFailure = <Part extends { readonly failure?: Failure }>(part: Part): Part =>
  part.failure ? { ...part, failure: storableFailure(part.failure) } : part;

const storableFailure = (failure: Failure): Failure => ({
  ...failure,
  name: storableText(failure.name),
  message: storableText(failure.message),
  ...(failure.advice === undefined ? {} : { advice: storableText(failure.advice) }),
  ...(failure.stack === undefined ? {} : { stack: storableText(failure.stack) }),
});

const storableText = (text: string): string => text.replaceAll(/\0|\p{Surrogate}/gu, '\u{fffd}');
