import type { Params } from 'react-router';
import * as z from 'zod';

export interface Crumb {
  readonly label: string;
  readonly to?: string;
}

/** What a page tells the shell around it: the way to it, and the stream of changes that concerns it. */
export interface PageHandle {
  readonly crumbs: (data: unknown) => readonly Crumb[];
  readonly stream?: (params: Params) => string;
}

export const pageHandleSchema = z.custom<PageHandle>(
  (value) => typeof value === 'object' && value !== null && 'crumbs' in value,
);
