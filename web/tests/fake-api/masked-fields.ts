import * as api from '@everwave/schema/api';
import { createMask } from '@everwave/schema/run';
import type { Context, Hono } from 'hono';
import { answer, problem } from './answers.ts';
import type { World } from './world.ts';

export const maskedFieldsOf = (now: number): api.MaskedField[] =>
  ['card.number', 'customer.phone'].map((field, at) => ({
    field,
    createdBy: 'Mara Lindqvist',
    createdAt: new Date(now - (at + 2) * 86_400_000).toISOString(),
  }));

/** A run as it is shown, with its masks unless they are taken off. Null for whoever may not. */
export const shownRun = (world: World, run: api.Run, unmask: string | undefined): api.Run | null => {
  if (unmask === 'true') return world.me.permissions.includes('values:unmask') ? run : null;
  const mask = createMask(world.maskedFields.map(({ field }) => field));
  const steps = run.steps.map((step) => ({
    ...step,
    ...(step.input !== undefined && { input: mask(step.input) }),
    ...(step.output !== undefined && { output: mask(step.output) }),
  }));
  return { ...run, steps, trigger: { ...run.trigger, data: mask(run.trigger.data ?? null) } };
};

export const addMaskedFields = (app: Hono, world: () => World): void => {
  const refused = (c: Context): Response | null =>
    world().me.permissions.includes('maskedFields:manage')
      ? null
      : problem(c, 403, 'not_allowed', 'This needs the permission maskedFields:manage.');
  app.get('/v1/masked-fields', (c) => answer(c, api.maskedFieldListSchema, { items: world().maskedFields }));
  app.put('/v1/masked-fields/:field', (c) => {
    const no = refused(c);
    if (no) return no;
    const { maskedFields, me } = world();
    const field = api.maskedFieldNameSchema.parse(c.req.param('field'));
    const known = maskedFields.find((each) => each.field === field);
    const masked = known ?? { field, createdBy: me.user?.name ?? '', createdAt: new Date().toISOString() };
    if (!known) maskedFields.push(masked);
    return answer(c, api.maskedFieldSchema, masked);
  });
  app.delete('/v1/masked-fields/:field', (c) => {
    const no = refused(c);
    if (no) return no;
    const { maskedFields } = world();
    const at = maskedFields.findIndex(({ field }) => field === c.req.param('field'));
    if (at < 0) return problem(c, 404, 'masked_field_not_found', 'Your org does not mask this field.');
    maskedFields.splice(at, 1);
    return c.body(null, 204);
  });
};
