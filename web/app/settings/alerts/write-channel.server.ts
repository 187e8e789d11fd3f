import {
  alertChannelSchema,
  createAlertChannelRequestSchema,
  createdAlertChannelSchema,
  updateAlertChannelRequestSchema,
} from '@everwave/schema/api';
import { alertChannelIdSchema } from '@everwave/schema/ids';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { unreachable } from '#app/words/unreachable.ts';

/** What was done, for the sentence that says so. */
export interface ChannelDeed {
  readonly did: 'created' | 'changed' | 'tested' | 'muted' | 'unmuted' | 'deleted';
  readonly name: string;
  /** Of a webhook that was just made. */
  readonly secret?: string | null;
}

const typedSchema = z.object({
  kind: z.enum(['email', 'slack', 'webhook']),
  channelId: alertChannelIdSchema.optional(),
  name: z.string(),
  quietSeconds: z.string(),
  to: z.string().optional(),
  connectionId: z.string().optional(),
});

/** What a form may show again: neither an address nor a secret. */
export type TypedChannel = z.output<typeof typedSchema>;

export type WrittenChannel = ActionResult<ChannelDeed> & { readonly typed?: TypedChannel };

const formSchema = z.discriminatedUnion('intent', [
  typedSchema.extend({
    intent: z.enum(['create', 'change']),
    url: z.string().optional(),
    secret: z.string().optional(),
  }),
  z.object({ intent: z.enum(['test', 'mute', 'unmute', 'delete']), channelId: alertChannelIdSchema }),
]);

type ChannelFields = Extract<z.output<typeof formSchema>, { intent: 'create' | 'change' }>;

/** As the api takes it; what was left empty is left out. */
const toBody = ({ name, quietSeconds, to, connectionId, url, secret }: ChannelFields) => ({
  name,
  quietSeconds: Number(quietSeconds),
  ...(to === undefined
    ? {}
    : {
        to: to.split(/[,;\s]+/).filter(Boolean),
      }),
  ...(connectionId ? { connectionId } : {}),
  ...(url ? { url } : {}),
  ...(secret ? { secret } : {}),
});

const save = async (request: Request, fields: ChannelFields): Promise<ActionResult<ChannelDeed>> => {
  const schema = fields.channelId ? updateAlertChannelRequestSchema : createAlertChannelRequestSchema;
  const body = schema.safeParse({ ...(fields.channelId ? {} : { kind: fields.kind }), ...toBody(fields) });
  if (!body.success) {
    const errors = body.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
    return refuse(request, 'Some fields need another look.', errors);
  }
  return attempt(request, async () => {
    if (fields.channelId) {
      const { name } = await callApi(request, `/v1/alert-channels/${fields.channelId}`, alertChannelSchema, {
        method: 'PATCH',
        body: body.data,
      });
      return { did: 'changed', name };
    }
    const { name, secret } = await callApi(request, '/v1/alert-channels', createdAlertChannelSchema, {
      method: 'POST',
      body: body.data,
    });
    return { did: 'created', name, secret: fields.secret ? null : secret };
  });
};

const act = (request: Request, intent: 'test' | 'mute' | 'unmute' | 'delete', id: string) =>
  attempt<ChannelDeed>(request, async () => {
    const path = `/v1/alert-channels/${id}`;
    switch (intent) {
      case 'test':
        return {
          did: 'tested',
          name: (await callApi(request, `${path}/test`, alertChannelSchema, { method: 'POST' })).name,
        };
      case 'mute':
      case 'unmute': {
        const body = { isOn: intent === 'unmute' };
        const { name } = await callApi(request, path, alertChannelSchema, { method: 'PATCH', body });
        return { did: intent === 'mute' ? 'muted' : 'unmuted', name };
      }
      case 'delete': {
        const { name } = await callApi(request, path, alertChannelSchema);
        await callApi(request, path, z.unknown(), { method: 'DELETE' });
        return { did: 'deleted', name };
      }
      default:
        throw unreachable(intent);
    }
  });

/** Does what one of the page's forms asks. */
export const writeChannel = async (request: Request, form: FormData): Promise<WrittenChannel> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = parsed.data;
  if (!('kind' in fields)) return act(request, fields.intent, fields.channelId);
  const result = await save(request, fields);
  return result.ok ? result : { ...result, typed: typedSchema.parse(fields) };
};
