import type { RunStep } from '@everwave/schema/api';

/** Where the pages read a step's whole value. */
export const stepValueUrl = (
  runId: string,
  { path, ordinal }: Pick<RunStep, 'path' | 'ordinal'>,
  of: 'input' | 'output',
): string => `/runs/${runId}/value?${new URLSearchParams({ path, of, ordinal: String(ordinal) }).toString()}`;

/** The same of what the run gave. */
export const runOutputUrl = (runId: string): string => `/runs/${runId}/value`;
