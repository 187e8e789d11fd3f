import { fileSchema, type FileValue, type Json } from '@everwave/schema/flow';
import type * as z from 'zod';
import type { Step } from '../../../runtime/implement-node.ts';
import { CommonFailure } from '../../../runtime/node-errors.ts';
import type { httpRequest } from './definition.ts';
import { encodeMultipart } from './multipart.ts';

type Input = z.output<typeof httpRequest.input>;
type HttpStep = Step<typeof httpRequest>;

const withoutBody = ['GET', 'HEAD'];

export interface EncodedBody {
  readonly body: string | (() => AsyncIterable<Uint8Array>);
  readonly contentType: string;
  /** True where another content type than this one would be wrong. */
  readonly ownType?: boolean;
  /** Of a body that is not in memory. */
  readonly bytes?: number;
}

export const encodeBody = async (step: HttpStep, input: Input): Promise<EncodedBody | null> => {
  const { method, bodyType, body } = input;
  if (body === undefined) return null;
  if (withoutBody.includes(method)) throw step.failure('invalid_body', { message: `${method} carries no body.` });
  switch (bodyType) {
    case 'json':
      return { body: JSON.stringify(body), contentType: 'application/json' };
    case 'text':
      if (typeof body === 'string') return { body, contentType: 'text/plain; charset=utf-8' };
      throw step.failure('invalid_body', { message: 'A text body is a string.' });
    case 'form': {
      const fields = formFields(body, (value) => (typeof value === 'object' ? null : String(value)));
      if (!fields) throw step.failure('invalid_body', { message: 'A form body is an object of strings.' });
      return { body: new URLSearchParams(fields).toString(), contentType: 'application/x-www-form-urlencoded' };
    }
    case 'file': {
      const file = toFile(body);
      if (!file) throw step.failure('invalid_body', { message: 'A file body is a file that a step of this run made.' });
      const bytes = await sizeOf(step, file);
      return { body: () => piecesOf(step, file), contentType: file.mediaType, bytes };
    }
    case 'multipart': {
      const fields = formFields(body, (value) =>
        value !== null && typeof value === 'object' ? toFile(value) : String(value),
      );
      const message = 'A multipart body is an object of strings and files.';
      if (!fields) throw step.failure('invalid_body', { message });
      for (const [, value] of fields) if (typeof value !== 'string') await sizeOf(step, value);
      return { ...encodeMultipart(fields, (file) => piecesOf(step, file)), ownType: true };
    }
  }
};

/** Fields of a form; a list gives its name several times. */
const formFields = <Field>(body: Json, toField: (value: Json) => Field | null): [string, Field][] | null => {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return null;
  const fields: [string, Field][] = [];
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? (value as readonly Json[]) : [value as Json]) {
      const field = item === null ? null : toField(item);
      if (field === null) return null;
      fields.push([name, field]);
    }
  }
  return fields;
};

const toFile = (value: Json): FileValue | null => fileSchema.safeParse(value).data ?? null;

/** Before anything is sent: that the run has the file, and how large it is. */
const sizeOf = async (step: HttpStep, file: FileValue): Promise<number> => {
  try {
    const { bytes } = await step.files.open(file);
    if (bytes === file.bytes) return bytes;
  } catch (cause) {
    if (!(cause instanceof CommonFailure)) throw cause;
    throw step.failure('invalid_body', { message: cause.message, cause });
  }
  throw step.failure('invalid_body', { message: `The file "${file.name}" has not the size that its value says.` });
};

async function* piecesOf(step: HttpStep, file: FileValue): AsyncIterable<Uint8Array> {
  const { content } = await step.files.open(file);
  yield* content;
}
