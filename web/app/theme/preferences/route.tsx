import { data, redirect } from 'react-router';
import * as z from 'zod';
import type { Route } from './+types/route.ts';
import { writeRail, writeTheme } from '../theme.server.ts';
import { themeChoiceSchema } from '../theme.ts';

const preferenceSchema = z.union([
  z.object({ theme: themeChoiceSchema }),
  z.object({ rail: z.enum(['open', 'collapsed']) }),
]);

export const loader = () => redirect('/');

/** Remembers how this browser likes its pages: theme and rail, in cookies that hold nothing else. */
export const action = async ({ request }: Route.ActionArgs) => {
  const parsed = preferenceSchema.safeParse(Object.fromEntries(await request.formData()));
  if (!parsed.success) return data({ ok: false }, { status: 400 });
  const cookie =
    'theme' in parsed.data ? await writeTheme(parsed.data.theme) : await writeRail(parsed.data.rail === 'collapsed');
  return data({ ok: true }, { headers: { 'Set-Cookie': cookie } });
};
