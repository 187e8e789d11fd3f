import type * as z from 'zod';
import type { PageProblem } from '#app/api/api-error.ts';

type FieldErrors = PageProblem['errors'];

/** What does not fit of a form, in the shape in which the api says it. */
export const toFieldErrors = ({ issues }: z.ZodError): FieldErrors =>
  issues.map(({ path, message }) => ({ path: path.join('.'), message }));

/** What stands beside the field. */
export const errorOf = (errors: FieldErrors, name: string): string | undefined =>
  errors.find(({ path }) => path === name)?.message;

/** False when something else was refused: then the whole problem is shown above the form. */
export const isAboutFields = (errors: FieldErrors, names: readonly string[]): boolean =>
  errors.some(({ path }) => names.includes(path));
