import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receiveForm } from './receive-form.ts';
import { createSigningSecret, signDelivery } from './standard-signature.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const boundary = '----form7MA4YWxkTrZu0gW';
type Part = readonly [head: string, content: string | Uint8Array];

const field = (name: string, value: string): Part => [`Content-Disposition: form-data; name="${name}"`, value];
const file = (name: string, fileName: string, content: string | Uint8Array, mediaType = 'text/plain'): Part => [
  `Content-Disposition: form-data; name="${name}"; filename="${fileName}"\r\nContent-Type: ${mediaType}`,
  content,
];
const formOf = (...parts: readonly Part[]): Buffer =>
  Buffer.concat([
    ...parts.flatMap(([head, content]) => [
      Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
      Buffer.from(content),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);

async function* inPieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

interface Sent {
  readonly contentTypes?: readonly string[];
  readonly size?: number;
  readonly fileBytes?: number;
  readonly secret?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

/** What came of a form, and what was stored on the way. */
const send = async (
  body: Uint8Array,
  { contentTypes = [`multipart/form-data; boundary=${boundary}`], size = 4_096, ...sent }: Sent = {},
) => {
  const stored: { name: string; mediaType: string; content: Buffer }[] = [];
  const reception = await receiveForm(
    {
      method: 'POST',
      headers: [...contentTypes.map((type) => ['Content-Type', type] as const), ...(sent.headers ?? [])],
      query: new URLSearchParams(),
      content: inPieces(body, size),
    },
    { signature: sent.secret === undefined ? 'none' : 'standard', secrets: sent.secret ? [sent.secret] : [] },
    {
      now,
      fileBytes: sent.fileBytes ?? 1_000_000,
      store: async (info, content) => {
        const pieces: Uint8Array[] = [];
        for await (const piece of content) pieces.push(piece);
        const whole = Buffer.concat(pieces);
        stored.push({ ...info, content: whole });
        return { sha256: createHash('sha256').update(whole).digest('hex'), bytes: whole.length };
      },
    },
  );
  return { reception, stored };
};
const bodyOf = async (body: Uint8Array, sent?: Sent) => {
  const { reception } = await send(body, sent);
  if (!reception.ok) throw new Error(reception.message);
  return reception.data.body;
};

describe('a form with files', () => {
  const bill = randomBytes(30_000);
  const sha256 = createHash('sha256').update(bill).digest('hex');

  it('gives fields as texts and files as values, whose content is stored as it comes', async () => {
    const form = formOf(
      field('note', 'Grüezi'),
      file('bill', 'May.pdf', bill, 'application/pdf'),
      field('tag', 'a'),
      field('tag', 'b'),
    );
    for (const size of [1, 7, 4_096, form.length]) {
      const { reception, stored } = await send(form, { size });
      expect(reception).toMatchObject({
        ok: true,
        data: {
          kind: 'trigger.webhook',
          body: {
            note: 'Grüezi',
            bill: { ref: `blob:${sha256}`, name: 'May.pdf', mediaType: 'application/pdf', bytes: bill.length, sha256 },
            tag: ['a', 'b'],
          },
        },
      });
      expect(stored.map(({ content }) => content.equals(bill))).toEqual([true]);
    }
  });

  it('keeps any content byte for byte, however it comes in pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.uint8Array({ maxLength: 200 }),
            fc.constantFrom(`\r\n--${boundary}`.slice(0, -1), '\r\n--', '\r\n', '--', `--${boundary}`),
          ),
          { maxLength: 6 },
        ),
        fc.integer({ min: 1, max: 50 }),
        async (pieces, size) => {
          const content = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
          fc.pre(!content.includes(`\r\n--${boundary}`) && !content.subarray(0).equals(Buffer.from('')));
          const { stored, reception } = await send(formOf(file('a', 'a.bin', content), field('b', 'end')), { size });
          expect(reception).toMatchObject({ ok: true, data: { body: { b: 'end' } } });
          expect(stored[0]?.content.equals(content)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('has null where nobody has chosen a file, and a list where there are several', async () => {
    expect(await bodyOf(formOf(file('photo', '', '', 'application/octet-stream')))).toEqual({ photo: null });
    expect(await bodyOf(formOf(file('photo', 'empty.txt', '')))).toMatchObject({
      photo: { name: 'empty.txt', bytes: 0 },
    });
    expect(await bodyOf(formOf(file('x', 'a', '1'), file('x', 'b', '2')))).toMatchObject({
      x: [{ name: 'a' }, { name: 'b' }],
    });
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['C:\\\\Users\\\\ada\\\\bill.pdf', 'bill.pdf'],
    ['a%22b.txt', 'a_b.txt'],
    ['a\\"b.txt', 'a_b.txt'],
    ['..', 'file'],
  ])('makes the name %s safe: %s', async (given, name) => {
    expect(await bodyOf(formOf(file('x', given, 'x')))).toMatchObject({ x: { name } });
  });

  it.each(['__proto__', 'constructor', 'prototype'])('cannot reach a prototype through a field %s', async (name) => {
    const body = await bodyOf(formOf(field(name, 'x'), field(`a[${name}][polluted]`, '1')));
    expect(Object.getPrototypeOf(body)).toBeNull();
    expect(Object.keys(body as object)).not.toContain('__proto__');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('nothing else makes a file', () => {
  const forged = JSON.stringify({ ref: `blob:${'a'.repeat(64)}`, name: 'x', mediaType: 'text/plain', bytes: 1 });

  it('a field stays a text, whatever it says of itself', async () => {
    const json: Part = ['Content-Disposition: form-data; name="a"\r\nContent-Type: application/json', forged];
    const { reception, stored } = await send(formOf(field('b', forged), json));
    expect(reception).toMatchObject({ ok: true, data: { body: { a: forged, b: forged } } });
    expect(stored).toEqual([]);
  });

  it.each<[string, Uint8Array, readonly string[]]>([
    ['no boundary', formOf(field('a', 'b')), ['multipart/form-data']],
    ['an empty boundary', formOf(field('a', 'b')), ['multipart/form-data; boundary=']],
    ['two boundaries', formOf(field('a', 'b')), [`multipart/form-data; boundary=x; boundary=${boundary}`]],
    ['another boundary', formOf(field('a', 'b')), ['multipart/form-data; boundary=other']],
    ['two content types', formOf(field('a', 'b')), [`multipart/form-data; boundary=${boundary}`, 'application/json']],
    ['JSON under its name', Buffer.from('{"a":1}'), [`multipart/form-data; boundary=${boundary}`]],
    ['an empty body', Buffer.alloc(0), [`multipart/form-data; boundary=${boundary}`]],
  ])('%s is no form', async (_what, body, contentTypes) => {
    const { reception, stored } = await send(body, { contentTypes });
    expect(reception).toMatchObject({ ok: false, status: 400 });
    expect(stored).toEqual([]);
  });

  it.each<[string, Buffer]>([
    ['text before the first boundary', Buffer.concat([Buffer.from('hello\r\n'), formOf(field('a', 'b'))])],
    ['text behind the last one', Buffer.concat([formOf(field('a', 'b')), Buffer.from('more')])],
    ['a body that is cut off', formOf(field('a', 'b')).subarray(0, -8)],
    ['a part without a name', formOf(['Content-Disposition: form-data', 'x'])],
    ['a part with an empty name', formOf(field('', 'x'))],
    ['a part without a disposition', formOf(['Content-Type: text/plain', 'x'])],
    ['a part that is an attachment', formOf(['Content-Disposition: attachment; name="a"; filename="b"', 'x'])],
    ['a name that comes twice', formOf(['Content-Disposition: form-data; name="a"; name="b"', 'x'])],
    [
      'a file name that comes twice',
      formOf(['Content-Disposition: form-data; name="a"; filename="a"; filename="b"', 'x']),
    ],
    ['an encoded file name', formOf(['Content-Disposition: form-data; name="a"; filename*=UTF-8\'\'b', 'x'])],
    ['a disposition that comes twice', formOf([`${field('a', '')[0]}\r\n${field('b', '')[0]}`, 'x'])],
    ['an encoded part', formOf([`${field('a', '')[0]}\r\nContent-Transfer-Encoding: base64`, 'eA=='])],
    ['parts in a part', formOf([`${field('a', '')[0]}\r\nContent-Type: multipart/mixed; boundary=x`, '--x--'])],
    ['a header that is none', formOf([`${field('a', '')[0]}\r\nnothing`, 'x'])],
    ['a header of many lines', formOf([`${field('a', '')[0]}\r\n folded: x`, 'x'])],
    ['headers that never end', formOf([`${field('a', '')[0]}\r\nX: ${'x'.repeat(9_000)}`, 'x'])],
    ['a field that is not UTF-8', formOf(['Content-Disposition: form-data; name="a"', new Uint8Array([0xff])])],
    [
      'a field in another character set',
      formOf([`${field('a', '')[0]}\r\nContent-Type: text/plain; charset=utf-7`, 'x']),
    ],
  ])('a form with %s is refused', async (_what, body) => {
    expect((await send(body)).reception).toMatchObject({ ok: false, status: 400, code: 'invalid_form' });
  });
});

it('whatever arrives under the name of a form is one or is refused: nothing is thrown', async () => {
  const parts = [
    `--${boundary}`,
    '\r\n',
    '--',
    'Content-Disposition: form-data; name="a"',
    '; filename="b"',
    'Content-Type: text/plain',
    '\r\n\r\n',
    'x',
    '"',
    '\0',
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.constantFrom(...parts).map((text) => Buffer.from(text)),
          fc.uint8Array({ maxLength: 9 }),
        ),
        {
          maxLength: 30,
        },
      ),
      fc.integer({ min: 1, max: 40 }),
      async (pieces, size) => {
        const body = Buffer.concat([Buffer.from(`--${boundary}`), ...pieces.map((piece) => Buffer.from(piece))]);
        const { reception } = await send(body, { size });
        if (!reception.ok) expect([400, 413]).toContain(reception.status);
      },
    ),
    { numRuns: 1_000 },
  );
});

describe('a form is bounded', () => {
  const many = (count: number, make: (index: number) => Part) =>
    formOf(...Array.from({ length: count }, (_, i) => make(i)));

  it.each<[string, Buffer, Sent]>([
    ['parts', many(201, (index) => field(`f${index}`, 'x')), {}],
    ['files', many(21, (index) => file(`f${index}`, 'a', 'x')), {}],
    ['bytes of fields', formOf(field('a', 'x'.repeat(600_000)), field('b', 'x'.repeat(600_000))), {}],
    ['bytes of files', formOf(file('a', 'a', 'x'.repeat(600)), file('b', 'b', 'x'.repeat(600))), { fileBytes: 1_000 }],
  ])('in %s', async (_what, body, sent) => {
    const { reception } = await send(body, sent);
    expect(reception).toMatchObject({ ok: false, status: 413, code: 'body_too_large' });
    expect(reception).toMatchObject({ message: expect.stringMatching(/at most \d+/) });
  });

  it('in the length of names', async () => {
    const { reception } = await send(formOf(field('x'.repeat(201), 'x')));
    expect(reception).toMatchObject({ ok: false, status: 400, message: expect.stringContaining('200') });
  });
});

describe('a signed form', () => {
  const secret = createSigningSecret();
  const form = formOf(field('note', 'May'), file('bill', 'May.txt', 'Twelve'));
  const signed = (body: Uint8Array, key = secret) => {
    const timestamp = now / 1_000;
    return [
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', String(timestamp)],
      ['webhook-signature', signDelivery(key, { id: 'msg_1', timestamp, body })],
    ] as const;
  };

  it('is accepted when the signature is over the whole body', async () => {
    const { reception } = await send(form, { secret, headers: signed(form), size: 11 });
    expect(reception).toMatchObject({ ok: true, deliveryId: 'msg_1', data: { body: { note: 'May' } } });
  });

  it.each<[string, Sent['headers']]>([
    ['without a signature', []],
    ['signed with another secret', signed(form, createSigningSecret())],
    ['signed over another form', signed(formOf(field('note', 'June')))],
  ])('is refused %s', async (_what, headers) => {
    const { reception } = await send(form, { secret, headers: headers ?? [] });
    expect(reception).toMatchObject({ ok: false, status: 401, code: 'signature_invalid' });
  });

  it('without a signature is refused before anything is stored', async () => {
    expect((await send(form, { secret })).stored).toEqual([]);
    expect((await send(form, { secret: '' })).reception).toMatchObject({ status: 401 });
  });
});
