import { type FileValue, fileLimits, type Json, toFileName, toMediaType } from '@everwave/schema/flow';
import { toRecord } from '../runtime/safe-json.ts';
import { boundaryOf, type FormPart, MultipartFault, readParts } from './read-multipart.ts';
import {
  type Reception,
  type RefusedDelivery,
  repeatedContentType,
  signedHeadersOf,
  toReception,
  unsigned,
  valuesOf,
  type WebhookHead,
  type WebhookTrigger,
} from './receive-webhook.ts';
import { checkDelivery, type SignatureCheck } from './standard-signature.ts';

/** A request with a form in it, as it comes. */
export interface FormRequest extends WebhookHead {
  readonly content: AsyncIterable<Uint8Array>;
}

/** Stores a file of a form while it comes. */
export type StoreFile = (
  file: Pick<FileValue, 'name' | 'mediaType'>,
  content: AsyncIterable<Uint8Array>,
) => Promise<Pick<FileValue, 'sha256' | 'bytes'>>;

/** Of one form. */
export const formLimits = { parts: 200, files: 20, name: 200, fieldBytes: 1_048_576 } as const;

class TooLarge extends Error {}

/**
 * Reads a `multipart/form-data`: fields become texts, files are stored as they come and become file values. A file is only
 * what the form itself says is one. The signature, where one is asked for, is over the whole body, so that it is decided at
 * the end: what was stored until then is the caller's to forget when this refuses.
 */
export const receiveForm = async (
  request: FormRequest,
  trigger: WebhookTrigger,
  { now, fileBytes, store }: { readonly now: number; readonly fileBytes: number; readonly store: StoreFile },
): Promise<Reception> => {
  const check =
    trigger.signature === 'standard'
      ? checkDelivery(signedHeadersOf(request), { secrets: trigger.secrets, now })
      : null;
  if (check && !check.ok) return unsigned(check.reason);
  const contentTypes = valuesOf(request, 'content-type');
  if (contentTypes.length !== 1) return repeatedContentType;
  const boundary = boundaryOf(contentTypes[0]?.trim() ?? '');
  if (boundary === null) return malformed('The content type multipart/form-data names no boundary that can be used.');

  try {
    const content = check ? watched(request.content, check) : request.content;
    const body = await readForm(readParts(content, boundary), { fileBytes, store });
    const verdict = check?.verdict() ?? { ok: true };
    return verdict.ok ? toReception(request, trigger, { now, body }) : unsigned(verdict.reason);
  } catch (error) {
    if (error instanceof MultipartFault) return malformed(error.message);
    if (error instanceof TooLarge) {
      return { ok: false, status: 413, code: 'body_too_large', message: error.message };
    }
    throw error;
  }
};

async function* watched(content: AsyncIterable<Uint8Array>, check: SignatureCheck): AsyncIterable<Uint8Array> {
  for await (const bytes of content) {
    check.update(bytes);
    yield bytes;
  }
}

const malformed = (message: string): RefusedDelivery => ({ ok: false, status: 400, code: 'invalid_form', message });

const readForm = async (
  parts: AsyncIterable<FormPart>,
  { fileBytes, store }: { readonly fileBytes: number; readonly store: StoreFile },
): Promise<Json> => {
  const values = new Map<string, Json[]>();
  const counted = { parts: 0, files: 0 };
  const fields = budget(formLimits.fieldBytes, `The fields of a form have at most ${formLimits.fieldBytes} bytes.`);
  const files = budget(fileBytes, `The files of a form have at most ${fileBytes} bytes together.`);
  for await (const part of parts) {
    counted.parts += 1;
    if (counted.parts > formLimits.parts) throw new TooLarge(`A form has at most ${formLimits.parts} parts.`);
    if (part.name === '' || part.name.length > formLimits.name) {
      throw new MultipartFault(`The name of a field has 1 to ${formLimits.name} characters.`);
    }
    fields.spend(Buffer.byteLength(part.name));
    const known = values.get(part.name) ?? [];
    values.set(part.name, known);
    if (part.fileName === null) {
      known.push(await readText(part, fields));
      continue;
    }
    counted.files += 1;
    if (counted.files > formLimits.files) throw new TooLarge(`A form has at most ${formLimits.files} files.`);
    known.push(await readFile(part, part.fileName, { files, store }));
  }
  return toRecord([...values].map(([name, all]) => [name, all.length === 1 ? (all[0] ?? null) : all] as const)) as Json;
};

const budget = (limit: number, message: string) => {
  let spent = 0;
  return {
    spend: (bytes: number): void => {
      spent += bytes;
      if (spent > limit) throw new TooLarge(message);
    },
  };
};

const readText = async ({ name, mediaType, content }: FormPart, fields: ReturnType<typeof budget>): Promise<string> => {
  const charset = /;[ \t]*charset="?([^";]*)"?/i.exec(mediaType ?? '')?.[1] ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(charset.trim())) throw new MultipartFault(`The field "${name}" is not UTF-8.`);
  const pieces: Uint8Array[] = [];
  for await (const piece of content) {
    fields.spend(piece.length);
    pieces.push(piece);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw new MultipartFault(`The field "${name}" is not UTF-8.`);
  }
};

/** Null for a file that nobody has chosen: browsers send it without a name and without content. */
const readFile = async (
  { mediaType, content }: FormPart,
  fileName: string,
  { files, store }: { readonly files: ReturnType<typeof budget>; readonly store: StoreFile },
): Promise<Json> => {
  async function* bounded(): AsyncGenerator<Uint8Array, void, undefined> {
    let bytes = 0;
    for await (const piece of content) {
      files.spend(piece.length);
      bytes += piece.length;
      if (bytes > fileLimits.bytes) throw new TooLarge(`A file has at most ${fileLimits.bytes} bytes.`);
      yield piece;
    }
  }
  const pieces = bounded();
  const first = await pieces.next();
  if (first.done === true && fileName === '') return null;
  async function* whole(): AsyncIterable<Uint8Array> {
    if (first.done !== true) yield first.value;
    yield* pieces;
  }
  const file = { name: toFileName(fileName), mediaType: toMediaType(mediaType) };
  const { sha256, bytes } = await store(file, whole());
  return { ref: `blob:${sha256}`, ...file, bytes, sha256 };
};
