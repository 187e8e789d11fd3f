import { backfilledSchema, scheduleSchema, startedRunSchema } from '@everwave/schema/api';
import { triggerIdSchema } from '@everwave/schema/ids';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { formatCount } from '#app/words/numbers.ts';

/** What was done, as the page says it, and where to look on. */
export interface ScheduleDeed {
  readonly says: string;
  readonly runId?: string;
}
/** `scheduleId`: the one whose form it was. */
export type WrittenSchedule = ActionResult<ScheduleDeed> & { readonly scheduleId?: string };

/** What a field for date and time holds, which knows no zone: the page says UTC. */
const utc = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/)
  .transform((text) => `${text.length === 16 ? `${text}:00` : text}Z`);

const id = triggerIdSchema;
const formSchema = z.discriminatedUnion('intent', [
  z.object({ intent: z.literal('pause'), id, reason: z.string().trim().min(1).max(500) }),
  z.object({ intent: z.literal('resume'), id }),
  z.object({ intent: z.literal('trigger'), id }),
  z.object({ intent: z.literal('backfill'), id, from: utc, to: utc }),
]);

/** Does what one of the page's forms asks. */
export const writeSchedule = async (request: Request, form: FormData): Promise<WrittenSchedule> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) {
    const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    return refuse(request, 'Some fields need another look.', errors);
  }
  const fields = parsed.data;
  return { ...(await attempt(request, () => carryOut(request, fields))), scheduleId: fields.id };
};

const carryOut = async (request: Request, fields: z.output<typeof formSchema>): Promise<ScheduleDeed> => {
  const address = `/v1/schedules/${fields.id}`;
  const post = <Reply extends z.ZodType>(verb: string, reply: Reply, body: object = {}) =>
    callApi(request, `${address}/${verb}`, reply, { method: 'POST', body });
  switch (fields.intent) {
    case 'pause':
      await post('pause', scheduleSchema, { reason: fields.reason });
      return { says: 'The schedule is paused' };
    case 'resume':
      await post('resume', scheduleSchema);
      return { says: 'The schedule goes on with its next time' };
    case 'trigger': {
      const { runId } = await post('trigger', startedRunSchema);
      return { says: 'A run is on its way', runId };
    }
    case 'backfill': {
      const { times, started } = await post('backfill', backfilledSchema, { from: fields.from, to: fields.to });
      return { says: `${formatCount(started, 'run')} on the way, for ${formatCount(times, 'time')}` };
    }
    default:
      return fields satisfies never;
  }
};
