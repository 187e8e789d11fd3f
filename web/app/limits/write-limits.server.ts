import * as z from 'zod';
import { data } from 'react-router';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';
import { fieldErrors, type Typed } from './read-limit-form.ts';

interface LimitsForm<Asked extends z.ZodType> {
  readonly address: string;
  readonly schema: Asked;
  readonly reply: z.ZodType;
  readonly read: (typed: Typed) => unknown;
}

/** What became of a form; one that was refused is shown as it was filled in. */
export type WrittenLimits = ActionResult<'saved'> & { readonly typed?: Typed };

const typedSchema = z.record(z.string(), z.string());

/** Sets the limits that a form holds, all of them: what it leaves out is lifted. */
export const writeLimits = async <Asked extends z.ZodType>(
  request: Request,
  { address, schema, reply, read }: LimitsForm<Asked>,
) => {
  const typed = typedSchema.parse(Object.fromEntries(await request.formData()));
  const body = schema.safeParse(read(typed));
  const result: ActionResult<'saved'> = body.success
    ? await attempt<'saved'>(request, async () => {
        await callApi(request, address, reply, { method: 'PUT', body: body.data });
        return 'saved';
      })
    : refuse(request, 'Some fields need another look.', fieldErrors(body.error, typed));
  if (result.ok) return result satisfies WrittenLimits;
  return data({ ...result, typed } satisfies WrittenLimits, { status: result.problem.status });
};
