const headerBytes = 4;

/** A message as bytes: its length as four bytes, then its JSON. */
export const encodeFrame = (message: unknown): Buffer => {
  const body = Buffer.from(JSON.stringify(message));
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
};

/** Takes chunks as they come and hands on each whole message's text. Throws a `RangeError` at a message that is too long. */
export const createFrameReader = (
  maximumBytes: number,
  onText: (text: string) => void,
): ((chunk: Uint8Array) => void) => {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  return (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    while (bytes >= headerBytes) {
      if ((chunks[0]?.length ?? 0) < headerBytes) chunks = [Buffer.concat(chunks)];
      const [first = new Uint8Array()] = chunks;
      const length = Buffer.from(first.buffer, first.byteOffset, first.length).readUInt32BE();
      if (length > maximumBytes) throw new RangeError(`A message of ${length} bytes; ${maximumBytes} are possible.`);
      if (bytes < headerBytes + length) return;
      const whole = Buffer.concat(chunks);
      const rest = whole.subarray(headerBytes + length);
      chunks = rest.length === 0 ? [] : [rest];
      bytes = rest.length;
      onText(whole.toString('utf8', headerBytes, headerBytes + length));
    }
  };
};
