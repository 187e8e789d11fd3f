import { type Permission, problemMediaType, problemSchema } from '@everwave/schema/api';
import type { Context, MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import * as z from 'zod';
import { findVisitor } from '../auth/find-visitor.ts';
import { lacking, mayDo, mayOn } from '../auth/permissions.ts';
import type {
  ApiEnv,
  AppDependencies,
  Caller,
  Client,
  PersonContext,
  ServiceContext,
  VisitorContext,
} from '../context.ts';
import { clientOf } from '../middleware/rate-limit.ts';
import { type HttpProblem, problem } from '../problems.ts';
import { noteRefusal } from '../services/audit/note-refusal.ts';

/** Every operation spreads one of these into its route; a test fails for a route without. */
export const allow = <const Granted extends Permission>(permission: Granted) => ({
  'x-permission': permission,
  security: [{ apiKey: [] }, { session: [] }],
  middleware: requirePermission(permission, mayDo),
});

/**
 * For operations on single flows or connections, and for lists of them: also for whoever holds the permission on one of
 * them only. Their queries ask `within` which these are.
 */
export const allowOn = <const Granted extends Permission>(thing: 'flow' | 'connection', permission: Granted) => ({
  ...allow(permission),
  'x-within': thing,
  middleware: requirePermission(permission, (caller) => mayDo(caller, permission) || mayOn(caller, thing, permission)),
});

/** For whoever it is that asks, person or key, whatever they may do: what an answer tells them of themselves. */
export const allowKnown = () => ({
  'x-permission': 'known' as const,
  security: [{ apiKey: [] }, { session: [] }],
  middleware: requireKnown,
});

/** For whoever is signed in as a person, whatever their role: their own profile, their own sessions. */
export const allowSignedIn = () => ({
  'x-permission': 'signedIn' as const,
  security: [{ session: [] }],
  middleware: requirePerson,
});

/** For every person with a session, also one who belongs to no org (any longer): which orgs are theirs. */
export const allowVisitor = () => ({
  'x-permission': 'signedIn' as const,
  security: [{ session: [] }],
  middleware: requireVisitor,
});

/** For the people who look after the accounts of this installation, whatever their role in their org. */
export const allowInstanceAdministrator = () => ({
  'x-permission': 'instanceAdministrator' as const,
  security: [{ session: [] }],
  middleware: requireInstanceAdministrator,
});

/** For whoever asks. `reason` says why that is safe, and stands in the document. */
export const openToAll = <const Reason extends string>(reason: Reason) => ({
  'x-permission': 'public' as const,
  'x-public-because': reason,
  security: [],
  middleware: passOn,
});

const passOn: MiddlewareHandler<ApiEnv> = (_c, next) => next();

const requirePermission =
  (permission: Permission, may: (caller: Caller, permission: Permission) => boolean): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const caller = c.get('caller');
    if (!caller) throw await noCaller(c);
    if (caller.mustFirst) throw notYet[caller.mustFirst]();
    if (!may(caller, permission)) {
      await noteRefusal(
        { ...refusedRequest(c), caller },
        { operation: `${c.req.method} ${routePath(c, -1)}`, permission },
      );
      throw lacking(caller, permission);
    }
    c.set('granted', permission);
    await next();
  };

/** What a person has to do before anything else; only what is about their own account is open until then. */
const notYet = {
  verify_email: () =>
    problem('email_not_verified', 'Open the link that was mailed to you, or have another one sent. Then go on here.'),
  enrol_second_factor: () =>
    problem(
      'second_factor_required',
      'Your organisation asks its owners and admins for a second factor. Set one up under Settings, Security.',
    ),
} as const;

/** What the audit log is told about a request that is refused. */
export const refusedRequest = (c: Context<ApiEnv>) => ({
  db: c.get('dependencies').db,
  budget: c.get('shared').notedRefusals,
  requestId: c.get('requestId'),
  client: clientOf(c),
});

/** A session may be there all the same: its person has left the org it works in. */
const noCaller = async (c: Context<ApiEnv>): Promise<HttpProblem> =>
  c.get('refusal') ??
  ((await findVisitor(c.get('dependencies'), c.req.raw.headers))
    ? problem(
        'no_organisation',
        'You do not belong to this organisation (any longer). Switch to another one, or ask for an invitation.',
      )
    : problem('not_signed_in', 'Sign in, or send an API key as Authorization: Bearer <key>.'));

const requireVisitor: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.get('caller') && c.get('caller')?.kind !== 'user') {
    throw problem('not_allowed', 'This is about a person’s own account: an API key has none. Sign in instead.');
  }
  const visitor = await findVisitor(c.get('dependencies'), c.req.raw.headers);
  if (!visitor) throw problem('not_signed_in', 'Sign in first.');
  c.set('visitor', visitor);
  await next();
};

const requireKnown: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (!c.get('caller')) throw await noCaller(c);
  await next();
};

const requirePerson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const caller = c.get('caller');
  if (!caller) throw await noCaller(c);
  if (caller.kind !== 'user') {
    throw problem('not_allowed', 'This is about a person’s own account: an API key has none. Sign in instead.');
  }
  c.set('person', { ...caller, kind: 'user' });
  await next();
};

const requireInstanceAdministrator: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const caller = c.get('caller');
  if (!caller) throw await noCaller(c);
  if (caller.mustFirst) throw notYet[caller.mustFirst]();
  if (caller.kind !== 'user' || !caller.isInstanceAdmin) {
    const operation = `${c.req.method} ${routePath(c, -1)}`;
    await noteRefusal({ ...refusedRequest(c), caller }, { operation, permission: 'instanceAdministrator' });
    throw problem(
      'not_allowed',
      'This needs the permission of an administrator of this installation. Such a one is a person: no key is.',
    );
  }
  c.set('person', { ...caller, kind: 'user' });
  await next();
};

/** What a service takes first. Only for routes behind `allow`: there is a caller. */
export const contextOf = (c: Context<ApiEnv>): ServiceContext => {
  const caller = c.get('caller');
  const permission = c.get('granted');
  if (!caller || !permission) throw new Error(`The route ${c.req.method} ${c.req.path} has no permission.`);
  const client = clientOf(c);
  return { ...c.get('dependencies'), caller, permission, requestId: c.get('requestId'), client, log: c.get('log') };
};

/** For routes behind `allowKnown`. */
export const callerOf = (c: Context<ApiEnv>): Caller => {
  const caller = c.get('caller');
  if (!caller) throw problem('not_signed_in', 'Sign in, or send an API key as Authorization: Bearer <key>.');
  return caller;
};

/** For routes behind `allowSignedIn` and `allowInstanceAdministrator`. */
export const personOf = (c: Context<ApiEnv>): PersonContext => {
  const person = c.get('person');
  if (!person) throw new Error(`The route ${c.req.method} ${c.req.path} asks for no person.`);
  const client = clientOf(c);
  return { ...c.get('dependencies'), caller: person, requestId: c.get('requestId'), client, log: c.get('log') };
};

/** For routes behind `allowVisitor`. */
export const visitorOf = (c: Context<ApiEnv>): VisitorContext => {
  const visitor = c.get('visitor');
  if (!visitor) throw new Error(`The route ${c.req.method} ${c.req.path} asks for no session.`);
  const client = clientOf(c);
  return { ...c.get('dependencies'), visitor, requestId: c.get('requestId'), client, log: c.get('log') };
};

/** For routes behind `openToAll`. */
export const dependenciesOf = (
  c: Context<ApiEnv>,
): AppDependencies & { readonly requestId: string; readonly client: Client } => ({
  ...c.get('dependencies'),
  requestId: c.get('requestId'),
  client: clientOf(c),
  log: c.get('log'),
});

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true as const, content: { 'application/json': { schema } } },
});

/** For bodies whose every field has a default: the whole body may be left out. */
export const optionalJsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: false as const, content: { 'application/json': { schema } } },
});

/** For operations that start a run. */
export const idempotencyKeyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'Send 1 to 200 printable characters without spaces.')
    .optional()
    .meta({ description: 'Two starts with one key are one run.' }),
});

export const reply = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

const descriptions = {
  400: 'The body is not JSON or has another shape.',
  401: 'Not signed in.',
  403: 'The role does not allow this.',
  404: 'Nothing with this id in your org.',
  409: 'The state does not allow this now.',
  413: 'The body is too large.',
  415: 'The body is not sent as JSON.',
  422: 'Understood, but not valid.',
  429: 'Too many requests.',
  503: 'A dependency does not answer.',
} as const;
type DescribedStatus = keyof typeof descriptions;

export interface ProblemAnswer {
  readonly description: string;
  readonly content: { readonly [problemMediaType]: { readonly schema: typeof problemSchema } };
}

/** The error answers of an operation, in the one shape all of them have. */
export const problems = <Status extends DescribedStatus>(...statuses: readonly Status[]) =>
  Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: descriptions[status], content: { [problemMediaType]: { schema: problemSchema } } },
    ]),
  ) as unknown as Record<Status, ProblemAnswer>;
