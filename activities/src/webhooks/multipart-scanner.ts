/** The body is no form as RFC 7578 says. */
export class MultipartFault extends Error {
  override readonly name = 'MultipartFault';
}

const lineBreak = Buffer.from('\r\n', 'latin1');
const endOfHeaders = Buffer.from('\r\n\r\n', 'latin1');

/** Bytes of one part's headers. */
const mostHeaderBytes = 8_192;

export interface Scanner {
  /** The first boundary, which nothing may stand before. */
  begin(): Promise<void>;
  /** Behind a boundary: whether a part follows, or the form ends here. */
  hasPart(): Promise<boolean>;
  /** Header lines of the part. */
  headers(): Promise<readonly string[]>;
  /** What the part holds, up to the next boundary. */
  content(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** Finds boundaries in a body as it comes. Holds what has just come, and what may be the beginning of a boundary. */
export const createScanner = (body: AsyncIterable<Uint8Array>, boundary: string): Scanner => {
  const source = body[Symbol.asyncIterator]();
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // As if a line had ended before: the first boundary is then like the others.
  let held = Buffer.from(lineBreak);
  let isInPart = false;

  /** False when nothing more comes. */
  const more = async (): Promise<boolean> => {
    const next = await source.next();
    if (next.done === true) return false;
    held = held.length === 0 ? Buffer.from(next.value) : Buffer.concat([held, next.value]);
    return true;
  };
  const need = async (bytes: number): Promise<void> => {
    while (held.length < bytes) if (!(await more())) throw cutOff();
  };
  const take = (bytes: number): Buffer => {
    const taken = held.subarray(0, bytes);
    held = held.subarray(bytes);
    return taken;
  };

  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    while (isInPart) {
      const at = held.indexOf(delimiter);
      if (at >= 0) {
        const last = take(at);
        take(delimiter.length);
        isInPart = false;
        if (last.length > 0) yield last;
        return;
      }
      const certain = held.length - delimiter.length + 1;
      if (certain > 0) yield take(certain);
      if (!(await more())) throw cutOff();
    }
  }

  return {
    begin: async () => {
      await need(delimiter.length);
      if (!take(delimiter.length).equals(delimiter)) {
        throw new MultipartFault('The body does not begin with the boundary that its content type names.');
      }
    },
    hasPart: async () => {
      await need(2);
      const two = take(2).toString('latin1');
      if (two === '\r\n') return true;
      if (two !== '--') throw new MultipartFault('Something stands behind a boundary.');
      while (held.length <= 2 && (await more()));
      if (held.length > 0 && !held.equals(lineBreak)) throw new MultipartFault('Something follows the last boundary.');
      return false;
    },
    headers: async () => {
      let at = held.indexOf(endOfHeaders);
      while (at < 0) {
        if (held.length > mostHeaderBytes) break;
        if (!(await more())) throw cutOff();
        at = held.indexOf(endOfHeaders);
      }
      if (at < 0 || at > mostHeaderBytes) {
        throw new MultipartFault(`The headers of a part have more than ${mostHeaderBytes} bytes.`);
      }
      const text = toText(take(at));
      take(endOfHeaders.length);
      isInPart = true;
      return text.split('\r\n');
    },
    content,
    close: async () => {
      await source.return?.();
    },
  };
};

const toText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MultipartFault('The headers of a part are not UTF-8.');
  }
};

const cutOff = () => new MultipartFault('The body ends before its last boundary.');
