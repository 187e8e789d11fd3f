import type { ProblemError } from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import type { NodeKinds } from '../../node-kinds.ts';
import { problem } from '../../problems.ts';

export type Fields = Readonly<Record<string, Json>>;

/** Checks settings and secret against their kind. The problem names fields and never repeats what was sent. */
export const parseFields = (
  nodeKinds: NodeKinds,
  kind: string,
  given: { readonly settings: Fields; readonly secret: Fields | undefined },
): { readonly settings: Record<string, Json>; readonly secret: Record<string, Json> | undefined } => {
  const definition = nodeKinds.findCredential(kind);
  if (!definition) {
    const known = nodeKinds.credentialListing.items.map((credential) => credential.kind).join(', ');
    throw problem('connection_invalid', `There is no connection of kind ${kind}.`, {
      errors: [{ path: 'kind', message: `Choose one of: ${known}.`, code: 'unknown_kind' }],
    });
  }
  const settings = definition.settings.safeParse(given.settings);
  const secret = given.secret === undefined ? undefined : definition.secret.safeParse(given.secret);
  const errors = [...errorsOf('settings', settings), ...(secret ? errorsOf('secret', secret) : [])];
  if (errors.length > 0) {
    throw problem('connection_invalid', `The fields do not fit a connection of kind ${kind}.`, { errors });
  }
  return {
    settings: settings.data as Record<string, Json>,
    secret: secret?.data as Record<string, Json> | undefined,
  };
};

const errorsOf = (part: string, { error }: z.ZodSafeParseResult<unknown>): ProblemError[] =>
  (error?.issues ?? []).flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: `${part}.${key}`, message: 'There is no such field.' }))
      : [{ path: [part, ...issue.path].join('.'), message: withoutInput(issue) }],
  );

/** Messages of the definitions are ours; zod's own may quote the value for some checks, so those are named only. */
const withoutInput = ({ code, message }: z.core.$ZodIssue): string =>
  code === 'custom' ||
  code === 'invalid_type' ||
  code === 'too_small' ||
  code === 'too_big' ||
  code === 'invalid_format'
    ? message
    : 'This value does not fit.';
