import { toLoggable } from '@everwave/schema/db';
import { problemMediaType } from '@everwave/schema/api';
import type { Hook } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type * as z from 'zod';
import type { ApiEnv } from '../context.ts';
import { type HttpProblem, problem, toProblem, toProblemBody } from '../problems.ts';

/** Every error answer leaves through here. What we did not expect is logged with its cause; the caller gets the id. */
export const answerProblem = (error: Error, c: Context<ApiEnv>): Response => {
  const found = toProblem(error);
  if (found.status >= 500) {
    const log = c.get('log');
    // What we refuse on purpose, such as a delivery under overload, is no fault of ours to look into.
    if (found.cause === undefined) log.warn('request refused', { code: found.code });
    else log.error('request failed', { error: toLoggable(found.cause), code: found.code });
  }
  for (const [name, value] of Object.entries(found.headers)) c.header(name, value);
  return c.body(JSON.stringify(toProblemBody(found, c.get('requestId'))), found.status, {
    'content-type': problemMediaType,
  });
};

/** So many faults are listed; the answer to a large wrong body stays small. */
const mostErrors = 100;
const mostPlaces = 5;

/** A request of another shape than its schema: 400 with the place of each fault. */
export const refuseShape: Hook<unknown, ApiEnv, string, Response | undefined> = (result) => {
  if (result.success) return undefined;
  throw shapeProblem(result.error, result.target);
};

/** `target` is the part of the request: `json`, `query`, `header`. */
export const shapeProblem = (error: z.core.$ZodError, target: string): HttpProblem => {
  const errors = error.issues.flatMap((issue) => toErrors(issue, target));
  const places = errors.slice(0, mostPlaces).map(({ path }) => path || 'the body');
  if (errors.length > mostPlaces) places.push(`and ${errors.length - mostPlaces} more`);
  return problem('invalid_request', `Correct ${places.join(', ')}.`, { errors: errors.slice(0, mostErrors) });
};

type ZodIssue = z.core.$ZodIssue;

const toErrors = (issue: ZodIssue, target: string): { path: string; message: string }[] => {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: path ? `${path}.${key}` : key, message: 'There is no such field.' }));
  }
  const place = target === 'header' ? String(issue.path[0] ?? '').toLowerCase() : path;
  return [{ path: place, message: issue.message }];
};

/** `['graph', 'nodes', 2, 'title']` → `graph.nodes[2].title` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text ? `${text}.${String(part)}` : String(part)),
    '',
  );
