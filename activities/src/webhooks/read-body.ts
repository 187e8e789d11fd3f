import type { Json } from '@everwave/schema/flow';
import { parseJson, toRecord } from '../runtime/safe-json.ts';

export type BodyReading =
  | { readonly ok: true; readonly body: Json }
  | {
      readonly ok: false;
      readonly status: 400 | 415;
      readonly code: 'invalid_json' | 'body_too_deep' | 'invalid_text' | 'unsupported_media_type';
      readonly message: string;
    };

/**
 * Reads a body by its one content type; nothing is guessed from the bytes. JSON, forms, and text in UTF-8; an empty
 * body is null.
 */
export const readBody = (contentType: string | undefined, bytes: Uint8Array): BodyReading => {
  if (bytes.byteLength === 0) return { ok: true, body: null };
  const mediaType = (contentType ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';
  const isJson = mediaType === 'application/json' || /^application\/[\w.-]+\+json$/.test(mediaType);
  const isForm = mediaType === 'application/x-www-form-urlencoded';
  const isText = mediaType.startsWith('text/') || /^application\/(?:[\w.-]+\+)?xml$/.test(mediaType);
  if (!isJson && !isForm && !isText) {
    return {
      ok: false,
      status: 415,
      code: 'unsupported_media_type',
      message: 'Send application/json, application/x-www-form-urlencoded, multipart/form-data, XML or text.',
    };
  }

  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { ok: false, status: 400, code: 'invalid_text', message: 'The body is not UTF-8.' };
  }
  if (isForm) return { ok: true, body: readFields(new URLSearchParams(text)) };
  if (isText) return { ok: true, body: text };
  try {
    return { ok: true, body: parseJson(text) };
  } catch (error) {
    return error instanceof RangeError
      ? { ok: false, status: 400, code: 'body_too_deep', message: error.message }
      : { ok: false, status: 400, code: 'invalid_json', message: 'The body is not valid JSON.' };
  }
};

/** Names of a query or a form; a repeated name gives a list. `a[b]` stays a name: nothing is nested by spelling. */
export const readFields = (fields: URLSearchParams): { readonly [name: string]: string | readonly string[] } => {
  const names = new Set(fields.keys());
  return toRecord(
    [...names].map((name) => {
      const values = fields.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? '') : values] as const;
    }),
  );
};
