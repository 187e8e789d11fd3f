import {
  type DeadLetterDetail,
  deadLetterDetailSchema,
  dismissedSchema,
  dismissRequestSchema,
  fingerprintSchema,
  type GroupRepairRequest,
  groupRepairRequestSchema,
  type RepairJob,
  repairJobSchema,
  type RepairPreview,
  repairPreviewSchema,
  restoredSchema,
} from '@everwave/schema/api';
import type { Json } from '@everwave/schema/flow';
import { deadLetterIdSchema, repairJobIdSchema } from '@everwave/schema/ids';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { parseJson } from '#app/components/values/parse-json.ts';
import { readNodeKinds } from '#app/flows/node-kinds.server.ts';
import { readForm } from '#app/schema-form/read-form.ts';
import { toMergePatch } from './to-merge-patch.ts';

/** What was done, for the sentence that says so. */
export type GroupDeed =
  | { readonly did: 'previewed'; readonly preview: RepairPreview }
  | { readonly did: 'began'; readonly job: RepairJob }
  | { readonly did: 'cancelled' }
  | { readonly did: 'dismissed'; readonly count: number }
  | { readonly did: 'restored'; readonly count: number };

const formSchema = z.discriminatedUnion('intent', [
  z.object({
    intent: z.enum(['preview', 'repair']),
    action: z.enum(['retry', 'edit', 'complete', 'skip', 'fail']),
    requestId: z.string(),
    doubtful: z.enum(['leave', 'repeat']).default('leave'),
    output: z.string().default(''),
    letterId: z.string().default(''),
  }),
  z.object({ intent: z.literal('cancel'), jobId: repairJobIdSchema }),
  z.object({ intent: z.literal('dismiss'), reason: z.string(), run: z.enum(['wait', 'fail']) }),
  z.object({ intent: z.literal('restore') }),
]);
type RepairFields = Extract<z.output<typeof formSchema>, { action: string }>;

/** Does with a group what one of its page's forms asks for. */
export const commandGroup = async (
  request: Request,
  fingerprint: string,
  form: FormData,
): Promise<ActionResult<GroupDeed>> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success || !fingerprintSchema.safeParse(fingerprint).success) {
    return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  }
  const fields = parsed.data;
  const group = `/v1/dead-letter-groups/${fingerprint}`;
  switch (fields.intent) {
    case 'preview':
    case 'repair': {
      const repair = await attempt(request, () => toRepair(request, fields, form));
      if (!repair.ok) return repair;
      if (!repair.value.ok) return refuse(request, 'Some fields need another look.', [...repair.value.errors]);
      const body = groupRepairRequestSchema.parse(repair.value.repair);
      return attempt(request, async (): Promise<GroupDeed> => {
        if (fields.intent === 'preview') {
          const path = `${group}/repairs/preview`;
          const preview = await callApi(request, path, repairPreviewSchema, { method: 'POST', body });
          return { did: 'previewed', preview };
        }
        const job = await callApi(request, `${group}/repairs`, repairJobSchema, { method: 'POST', body });
        return { did: 'began', job };
      });
    }
    case 'cancel':
      return attempt(request, async () => {
        await callApi(request, `/v1/repair-jobs/${fields.jobId}/cancel`, repairJobSchema, { method: 'POST' });
        return { did: 'cancelled' };
      });
    case 'dismiss': {
      const dismissal = dismissRequestSchema.safeParse({ reason: fields.reason, run: fields.run });
      if (!dismissal.success) {
        return refuse(request, 'Say why.', [{ path: 'reason', message: 'Write a reason, up to 500 characters.' }]);
      }
      return attempt(request, async () => {
        const body = dismissal.data;
        const { dismissed } = await callApi(request, `${group}/dismiss`, dismissedSchema, { method: 'POST', body });
        return { did: 'dismissed', count: dismissed };
      });
    }
    case 'restore':
      return attempt(request, async () => {
        const { restored } = await callApi(request, `${group}/restore`, restoredSchema, { method: 'POST' });
        return { did: 'restored', count: restored };
      });
  }
};

type Repair =
  | { readonly ok: true; readonly repair: GroupRepairRequest }
  | { readonly ok: false; readonly errors: readonly { readonly path: string; readonly message: string }[] };

const toRepair = async (request: Request, fields: RepairFields, form: FormData): Promise<Repair> => {
  const { requestId, doubtful } = fields;
  switch (fields.action) {
    case 'retry':
      return { ok: true, repair: { action: 'retry', doubtful, requestId } };
    case 'skip':
    case 'fail':
      return { ok: true, repair: { action: fields.action, requestId } };
    case 'complete': {
      const output = parseJson(fields.output);
      return output.ok
        ? { ok: true, repair: { action: 'complete', output: output.value, requestId } }
        : { ok: false, errors: [{ path: 'output', message: output.message }] };
    }
    case 'edit': {
      const letterId = deadLetterIdSchema.parse(fields.letterId);
      const [letter, kinds] = await Promise.all([
        callApi(request, `/v1/dead-letters/${letterId}`, deadLetterDetailSchema),
        readNodeKinds(request),
      ]);
      const schema = kinds.find(({ kind }) => kind === letter.nodeKind)?.input;
      const read = schema ? readForm(schema, form, 'input') : null;
      if (!schema || !read) {
        return { ok: false, errors: [{ path: 'input', message: 'This kind of step is not known any more.' }] };
      }
      if (!read.ok) return read;
      const edit = toMergePatch(schema, await wholeInputOf(request, letter), read.value);
      return Object.keys(edit).length === 0
        ? { ok: false, errors: [{ path: 'input', message: 'Change at least one field.' }] }
        : { ok: true, repair: { action: 'retry', edit, doubtful, requestId } };
    }
  }
};

/** What the form began with, also where the letter has only its beginning. */
const wholeInputOf = async (
  request: Request,
  { runId, path, ordinal, input, inputReference }: DeadLetterDetail,
): Promise<Json | undefined> => {
  if (!inputReference) return input;
  const query = { ordinal: String(ordinal) };
  return callApi(request, `/v1/runs/${runId}/steps/${encodeURIComponent(path)}/input`, z.json(), { query });
};
