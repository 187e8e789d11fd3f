import { type SetVariable, setVariableRequestSchema, variableNameSchema, variableSchema } from '@everwave/schema/api';
import { type Json, type VariableType, variableTypes } from '@everwave/schema/flow';
import * as z from 'zod';
import { type ActionResult, attempt, callApi, refuse } from '#app/api/api.server.ts';

/** What was done, for the sentence that says so. */
export interface VariableDeed {
  readonly did: 'added' | 'changed' | 'deleted';
  readonly name: string;
}

const typedSchema = z.object({
  /** Whether the form was that of a new one. */
  isNew: z.stringbool(),
  name: z.string().trim(),
  type: z.enum(variableTypes),
  description: z.string(),
  value: z.string().default(''),
});

/** What the form shows again when it was refused: of a secret everything but its value. */
export type TypedVariable = z.output<typeof typedSchema>;
export type WrittenVariable = ActionResult<VariableDeed> & { readonly typed?: TypedVariable };

const formSchema = z.discriminatedUnion('intent', [
  typedSchema.extend({ intent: z.literal('save') }),
  z.object({ intent: z.literal('delete'), name: variableNameSchema }),
]);

type Read = { readonly ok: true; readonly value: Json | undefined } | { readonly ok: false; readonly message: string };

/** The value as its type reads what was entered. An empty secret is one that stays as it is. */
const readValue = (type: VariableType, text: string): Read => {
  switch (type) {
    case 'string':
      return { ok: true, value: text };
    case 'secret':
      return { ok: true, value: text === '' ? undefined : text };
    case 'boolean':
      return { ok: true, value: text === 'true' };
    case 'number': {
      const value = Number(text);
      if (text.trim() !== '' && Number.isFinite(value)) return { ok: true, value };
      return { ok: false, message: 'Enter a number, with a point before its decimals.' };
    }
    case 'json':
      try {
        return { ok: true, value: JSON.parse(text) as Json };
      } catch (error) {
        return { ok: false, message: `This is not JSON: ${error instanceof Error ? error.message : 'unreadable'}.` };
      }
    default:
      return type satisfies never;
  }
};

const save = async (request: Request, typed: TypedVariable): Promise<ActionResult<VariableDeed>> => {
  const { name, type, description, isNew } = typed;
  const named = variableNameSchema.safeParse(name);
  const read = readValue(type, typed.value);
  const body = setVariableRequestSchema.safeParse({ type, description, value: read.ok ? read.value : undefined });
  const errors = [
    ...(named.error?.issues ?? []).map(({ message }) => ({ path: 'name', message })),
    ...(read.ok ? [] : [{ path: 'value', message: read.message }]),
    ...(body.error?.issues ?? []).map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  ];
  if (errors.length > 0) return refuse(request, 'Some fields need another look.', errors);
  return attempt<VariableDeed>(request, async () => {
    const set = await callApi(request, `/v1/variables/${name}`, variableSchema, {
      method: 'PUT',
      body: body.data satisfies SetVariable | undefined,
      ...(isNew && { headers: { 'if-none-match': '*' } }),
    });
    return { did: isNew ? 'added' : 'changed', name: set.name };
  });
};

/** Does what one of the page's forms asks. */
export const writeVariable = async (request: Request, form: FormData): Promise<WrittenVariable> => {
  const parsed = formSchema.safeParse(Object.fromEntries(form));
  if (!parsed.success) return refuse(request, 'The page sent something unexpected. Reload it and try again.');
  const fields = parsed.data;
  if (fields.intent === 'delete') {
    return attempt(request, async () => {
      await callApi(request, `/v1/variables/${fields.name}`, z.unknown(), { method: 'DELETE' });
      return { did: 'deleted', name: fields.name };
    });
  }
  const { intent: _, ...typed } = fields;
  const result = await save(request, typed);
  return result.ok ? result : { ...result, typed: { ...typed, value: typed.type === 'secret' ? '' : typed.value } };
};
