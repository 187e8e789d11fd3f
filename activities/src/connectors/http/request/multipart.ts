import { randomBytes } from 'node:crypto';
import type { FileValue } from '@everwave/schema/flow';

interface Multipart {
  readonly contentType: string;
  readonly bytes: number;
  /** May be asked for several times. */
  readonly body: () => AsyncIterable<Uint8Array>;
}

/** Fields and files as `multipart/form-data` (RFC 7578), written while it is sent. */
export const encodeMultipart = (
  fields: readonly (readonly [name: string, value: string | FileValue])[],
  open: (file: FileValue) => AsyncIterable<Uint8Array>,
): Multipart => {
  const boundary = `everwave-${randomBytes(16).toString('hex')}`;
  const end = Buffer.from(`--${boundary}--\r\n`);
  const newLine = Buffer.from('\r\n');
  const parts = fields.map(([name, value]) => ({ head: Buffer.from(headOf(boundary, name, value)), value }));
  const sizes = parts.map(
    ({ head, value }) =>
      head.length + (typeof value === 'string' ? Buffer.byteLength(value) : value.bytes) + newLine.length,
  );
  async function* body(): AsyncIterable<Uint8Array> {
    for (const { head, value } of parts) {
      yield head;
      if (typeof value === 'string') yield Buffer.from(value);
      else yield* open(value);
      yield newLine;
    }
    yield end;
  }
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: sizes.reduce((sum, size) => sum + size, end.length),
    body,
  };
};

const headOf = (boundary: string, name: string, value: string | FileValue): string => {
  const field = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`;
  if (typeof value === 'string') return `${field}\r\n\r\n`;
  return `${field}; filename="${quoted(value.name)}"\r\nContent-Type: ${value.mediaType}\r\n\r\n`;
};

/** As browsers write it. */
const quoted = (text: string): string => text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
