import { createScanner, MultipartFault } from './multipart-scanner.ts';

export { MultipartFault } from './multipart-scanner.ts';

/** A part of a form, as it comes. Its content is to be read before the next part. */
export interface FormPart {
  readonly name: string;
  /** Null for a field; of a file what the sender calls it, which may be nothing. */
  readonly fileName: string | null;
  readonly mediaType: string | null;
  readonly content: AsyncIterable<Uint8Array>;
}

/** The boundary of a `multipart/form-data`; null for every other content type. */
export const boundaryOf = (contentType: string): string | null => {
  const parameters = /^multipart\/form-data[ \t]*;(.*)$/i.exec(contentType)?.[1];
  if (parameters === undefined) return null;
  const named =
    /^[ \t]*boundary=(?:"([^"\\]{1,70})"|([\w'()+,./:=?-]{1,70}))[ \t]*(?:;[ \t]*charset=\S{1,20}[ \t]*)?$/i;
  const [, quoted, plain] = named.exec(parameters) ?? [];
  const boundary = quoted ?? plain;
  return boundary !== undefined && /^[ -~]*[!-~]$/.test(boundary) ? boundary : null;
};

export const isMultipart = (contentType: string | undefined): boolean =>
  /^multipart\/form-data[ \t]*(;|$)/i.test(contentType?.trim() ?? '');

/**
 * The parts of a `multipart/form-data` (RFC 7578), one after the other, without holding any of them. Strict: whatever two
 * readers could understand differently is no form. A part is a file only where it names one.
 */
export async function* readParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<FormPart, void, undefined> {
  const scanner = createScanner(body, boundary);
  try {
    await scanner.begin();
    while (await scanner.hasPart()) {
      const part = describePart(await scanner.headers());
      yield { ...part, content: scanner.content() };
      // What nobody has read of it is passed over.
      for await (const _ of scanner.content());
    }
  } finally {
    await scanner.close();
  }
}

const describePart = (lines: readonly string[]): Omit<FormPart, 'content'> => {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new MultipartFault('A part has a header that is none.');
    if (headers.has(name.toLowerCase())) throw new MultipartFault(`A part has the header ${name} twice.`);
    headers.set(name.toLowerCase(), value);
  }
  const encoding = headers.get('content-transfer-encoding') ?? 'binary';
  if (!/^(binary|8bit|7bit)$/i.test(encoding))
    throw new MultipartFault('A part is encoded: send its bytes as they are.');
  const mediaType = headers.get('content-type') ?? null;
  if (mediaType !== null && /^multipart\//i.test(mediaType)) {
    throw new MultipartFault('A part holds parts of its own: send each file as a part of the form.');
  }
  const { name, filename: fileName = null } = readDisposition(headers.get('content-disposition') ?? '');
  if (name === undefined) throw new MultipartFault('A part has no name.');
  return { name, fileName, mediaType };
};

/** `form-data; name="a"; filename="b"`. A browser writes a quote in a name as %22, other senders as \". */
const readDisposition = (value: string): { readonly [name in 'name' | 'filename']?: string } => {
  const parameter = /[ \t]*;[ \t]*(name|filename)=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w-]+))/iy;
  const found: { name?: string; filename?: string } = {};
  const kind = /^form-data/i.exec(value)?.[0];
  let at = kind?.length ?? 0;
  while (kind !== undefined && at < value.length) {
    parameter.lastIndex = at;
    const [whole, key, quoted, plain] = parameter.exec(value) ?? [];
    if (whole === undefined || key === undefined) break;
    const which = key.toLowerCase() as 'name' | 'filename';
    if (found[which] !== undefined) throw new MultipartFault(`A part says ${which} twice.`);
    found[which] = quoted === undefined ? (plain ?? '') : unquoted(quoted);
    at += whole.length;
  }
  if (kind === undefined || at < value.length) {
    throw new MultipartFault('A part is not described as form-data; name="…" or form-data; name="…"; filename="…".');
  }
  return found;
};

/** Of the backslashes only those before a quote: others belong to a path that some browsers send. */
const unquoted = (text: string): string =>
  text
    .replaceAll('\\"', '"')
    .replaceAll(/%22/g, '"')
    .replaceAll(/%0D%0A|%0A|%0D/gi, ' ');
