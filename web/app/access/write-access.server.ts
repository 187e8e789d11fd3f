import {
  type AccessOf,
  accessSchema,
  granteeKinds,
  roleReferenceSchema,
  type SetAccessRequest,
} from '@everwave/schema/api';
import { data } from 'react-router';
import * as z from 'zod';
import { attempt, callApi, refuse } from '#app/api/api.server.ts';

/** Somebody as one field of a form names them: `user:…`. */
const whoSchema = z.string().transform((text, context) => {
  const at = text.indexOf(':');
  const who = z
    .object({ kind: z.enum(granteeKinds), id: z.string().min(1).max(100) })
    .safeParse({ kind: text.slice(0, at), id: text.slice(at + 1) });
  if (who.success) return who.data;
  context.addIssue('Choose somebody.');
  return z.NEVER;
});
type Who = z.output<typeof whoSchema>;

const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('restrict') }),
  z.object({ intent: z.literal('open') }),
  z.object({
    intent: z.literal('grant'),
    who: whoSchema,
    // Nothing chosen: the role that they have anyway.
    role: z.union([z.literal('').transform(() => null), roleReferenceSchema]),
  }),
  z.object({ intent: z.literal('remove'), who: whoSchema }),
]);
type Fields = z.output<typeof formSchema>;

const isSame = (a: Who, b: Who): boolean => a.kind === b.kind && a.id === b.id;

const changed = ({ isRestricted, grants }: AccessOf, fields: Fields): SetAccessRequest => {
  const kept = grants.map(({ grantee: { kind, id }, role }) => ({ grantee: { kind, id }, role }) as const);
  switch (fields.intent) {
    case 'restrict':
    case 'open':
      return { isRestricted: fields.intent === 'restrict', grants: kept } as SetAccessRequest;
    case 'grant': {
      const others = kept.filter(({ grantee }) => !isSame(grantee, fields.who));
      return { isRestricted, grants: [...others, { grantee: fields.who, role: fields.role }] } as SetAccessRequest;
    }
    case 'remove':
      return { isRestricted, grants: kept.filter(({ grantee }) => !isSame(grantee, fields.who)) } as SetAccessRequest;
  }
};

const said = (before: AccessOf, after: AccessOf, fields: Fields): string => {
  switch (fields.intent) {
    case 'restrict':
      return 'Only who has a grant, and whoever manages access, reaches it from now on.';
    case 'open':
      return 'Everybody whose role allows it reaches it from now on.';
    case 'grant': {
      const given = after.grants.find(({ grantee }) => isSame(grantee, fields.who));
      return `${given?.grantee.name ?? 'They'} has access with ${given?.roleName ?? 'their own role'} from now on.`;
    }
    case 'remove': {
      const taken = before.grants.find(({ grantee }) => isSame(grantee, fields.who));
      return `The grant of ${taken?.grantee.name ?? 'nobody'} is gone.`;
    }
  }
};

/** Does what one of the forms asks; `address` is the thing's. */
export const writeAccess = async (request: Request, address: string) => {
  const form = formSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!form.success) {
    const errors = form.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    return data(refuse(request, 'Some fields need another look.', errors), { status: 400 });
  }
  const write = () =>
    attempt(request, async () => {
      const before = await callApi(request, `${address}/access`, accessSchema);
      const body = { ...changed(before, form.data), revision: before.revision };
      const after = await callApi(request, `${address}/access`, accessSchema, { method: 'PUT', body });
      return { said: said(before, after, form.data) };
    });
  let result = await write();
  // The change is to one grant: it holds beside what somebody else has changed meanwhile.
  for (let again = 0; again < 3 && !result.ok && result.problem.code === 'access_changed'; again += 1) {
    result = await write();
  }
  return result.ok ? result : data(result, { status: result.problem.status });
};
