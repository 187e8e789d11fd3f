import type { Context, TypedResponse } from 'hono';
import * as z from 'zod';

/** A file on its way out. */
export interface StreamedFile {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** How an operation that gives a file says so. */
export const fileContent = {
  'application/octet-stream': { schema: z.string().meta({ format: 'binary', description: 'Whatever the file is.' }) },
} as const;

/** Saved, whatever it says it is: a page that a step made is never shown as one of ours. */
export const streamFile = (
  c: Context,
  { name, mediaType, bytes, content }: StreamedFile,
): Response & TypedResponse<never, 200, string> =>
  c.body(ReadableStream.from(content) as ReadableStream<Uint8Array>, 200, {
    'content-type': mediaType,
    'content-length': String(bytes),
    'content-disposition': toAttachment(name),
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  }) as unknown as Response & TypedResponse<never, 200, string>;

/** RFC 6266: the name in ASCII, and as it is. */
export const toAttachment = (name: string): string => {
  const plain = name.replaceAll(/[^A-Za-z0-9 ._-]/g, '_');
  const exact = encodeURIComponent(name).replaceAll(/['()*]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  });
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
};
