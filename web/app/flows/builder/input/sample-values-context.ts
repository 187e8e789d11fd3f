import { createContext } from 'react';
import type { SampleGroup } from './sample-values.ts';

/** What the step that is being filled in can read. */
export const SampleValues = createContext<readonly SampleGroup[]>([]);
