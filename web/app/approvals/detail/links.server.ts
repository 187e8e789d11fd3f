import {
  type ApprovalLink,
  approvalLinkListSchema,
  approvalLinkSchema,
  createApprovalLinkRequestSchema,
  type MadeApprovalLink,
} from '@everwave/schema/api';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { ApiError } from '#app/api/api-error.ts';

export type LinkDeed =
  | { readonly did: 'made'; readonly link: ApprovalLink }
  | { readonly did: 'revoked'; readonly recipient: string };

const pathOf = (approvalId: string): string => `/v1/approvals/${encodeURIComponent(approvalId)}/links`;

/** Null for those who may not make any. */
export const readLinks = async (request: Request, approvalId: string): Promise<readonly MadeApprovalLink[] | null> => {
  try {
    return (await callApi(request, pathOf(approvalId), approvalLinkListSchema)).items;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 403) return null;
    throw error;
  }
};

const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('makeLink'), recipient: z.string().trim() }),
  z.object({ intent: z.literal('revokeLink'), linkId: z.uuid(), recipient: z.string() }),
]);

/** Makes or revokes a link as one of the page's forms asks. */
export const writeLink = async (
  request: Request,
  form: FormData,
  approvalId: string,
): Promise<ActionResult<LinkDeed>> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = parsed.data;
  if (fields.intent === 'revokeLink') {
    return attempt(request, async () => {
      await callApi(request, `${pathOf(approvalId)}/${fields.linkId}`, z.unknown(), { method: 'DELETE' });
      return { did: 'revoked', recipient: fields.recipient };
    });
  }
  const body = createApprovalLinkRequestSchema.safeParse({ recipient: fields.recipient });
  if (!body.success) return refuse(request, 'Write the e-mail address of a member who may answer.');
  return attempt(request, async () => ({
    did: 'made',
    link: await callApi(request, pathOf(approvalId), approvalLinkSchema, { method: 'POST', body: body.data }),
  }));
};
