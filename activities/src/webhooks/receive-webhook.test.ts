import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { receiveWebhook, type WebhookRequest } from './receive-webhook.ts';
import { createSigningSecret, signDelivery } from './standard-signature.ts';

const now = Date.parse('2026-11-21T12:00:00Z');
const seconds = now / 1000;
const secret = createSigningSecret();
const text = '{"orderId":"A-1042","total":129.9}';
const bytes = (body: string) => new TextEncoder().encode(body);

interface Delivery {
  body?: string;
  id?: string;
  timestamp?: number;
  signature?: string;
  key?: string;
  contentType?: string;
  more?: readonly (readonly [string, string])[];
  without?: string;
}

/** A well-signed delivery, or one with exactly the named thing wrong. */
const signed = (change: Delivery = {}): WebhookRequest => {
  const { body = text, id = 'msg_1', timestamp = seconds, key = secret } = change;
  const signature = change.signature ?? signDelivery(key, { id, timestamp, body: bytes(text) });
  const headers: (readonly [string, string])[] = [
    ['Content-Type', change.contentType ?? 'application/json'],
    ['webhook-id', id],
    ['webhook-timestamp', String(timestamp)],
    ['webhook-signature', signature],
    ...(change.more ?? []),
  ];
  return {
    method: 'POST',
    query: new URLSearchParams(),
    headers: headers.filter(([name]) => name !== change.without),
    body: bytes(body),
  };
};
const receive = (request: WebhookRequest, secrets: readonly string[] = [secret]) =>
  receiveWebhook(request, { signature: 'standard', secrets }, { now });
const open = (request: Partial<WebhookRequest>) =>
  receiveWebhook(
    { method: 'POST', headers: [], query: new URLSearchParams(), body: new Uint8Array(), ...request },
    { signature: 'none', secrets: [] },
    { now },
  );
const valid = signDelivery(secret, { id: 'msg_1', timestamp: seconds, body: bytes(text) });
const flipped = `v1,${valid[3] === 'A' ? 'B' : 'A'}${valid.slice(4)}`;

describe('a signed webhook', () => {
  it.each<[string, WebhookRequest]>([
    ['as the sender signed it', signed()],
    ['signed 299 s ago', signed({ timestamp: seconds - 299 })],
    ['signed 299 s ahead', signed({ timestamp: seconds + 299 })],
    ['with an older signature beside the right one', signed({ signature: `${flipped} ${valid}` })],
    ['with a signature of another scheme beside it', signed({ signature: `v1a,abc ${valid}` })],
  ])('is accepted %s', (_what, request) => {
    expect(receive(request)).toMatchObject({ ok: true, deliveryId: 'msg_1', data: { body: { orderId: 'A-1042' } } });
  });

  it('is accepted by either secret while one replaces the other', () => {
    const next = createSigningSecret();
    expect(receive(signed({ key: next }), [secret, next])).toMatchObject({ ok: true });
    expect(receive(signed(), [secret, next])).toMatchObject({ ok: true });
  });

  it.each<[string, WebhookRequest]>([
    ['without a signature', signed({ without: 'webhook-signature' })],
    ['without an id', signed({ without: 'webhook-id' })],
    ['without a timestamp', signed({ without: 'webhook-timestamp' })],
    ['with an empty signature', signed({ signature: '' })],
    ['with a version only', signed({ signature: 'v1,' })],
    ['with a short signature', signed({ signature: valid.slice(0, 12) })],
    ['with a truncated signature', signed({ signature: valid.slice(0, -1) })],
    ['with an extended signature', signed({ signature: `${valid}AAAA` })],
    ['with a signature in another case', signed({ signature: valid.toUpperCase() })],
    ['with a signature without its version', signed({ signature: valid.slice(3) })],
    ['with a signature of another version', signed({ signature: valid.replace('v1,', 'v2,') })],
    ['with one character flipped', signed({ signature: flipped })],
    ['signed with another secret', signed({ key: createSigningSecret() })],
    ['whose body was written again', signed({ body: JSON.stringify(JSON.parse(text), null, 1) })],
    ['with one byte of the body flipped', signed({ body: text.replace('129.9', '129.8') })],
    ['with a longer body', signed({ body: `${text} ` })],
    ['with an empty body', signed({ body: '' })],
    ['with another id', { ...signed(), headers: signed({ id: 'msg_2', signature: valid }).headers }],
    ['with another timestamp', signed({ timestamp: seconds - 10, signature: valid })],
    ['signed 301 s ago', signed({ timestamp: seconds - 301 })],
    ['signed 301 s ahead', signed({ timestamp: seconds + 301 })],
    [
      'with a timestamp in words',
      { ...signed(), headers: [...signed({ without: 'webhook-timestamp' }).headers, ['webhook-timestamp', 'now']] },
    ],
    ['with the signature twice', signed({ more: [['webhook-signature', valid]] })],
    ['with the id twice', signed({ more: [['Webhook-Id', 'msg_1']] })],
    ['with the timestamp twice', signed({ more: [['webhook-timestamp', String(seconds)]] })],
    ['with a dot in the id, where id and timestamp meet', signed({ id: 'msg.1' })],
  ])('is refused %s', (_what, request) => {
    expect(receive(request)).toMatchObject({ ok: false, status: 401, code: 'signature_invalid' });
  });

  it.each([
    ['no secret is stored', []],
    ['the stored secret is empty', ['']],
    ['the stored secret is only its prefix', ['whsec_']],
    ['the stored secret is too short', [`whsec_${Buffer.alloc(16).toString('base64')}`]],
    ['the stored secret has no prefix', [secret.slice(6)]],
  ])('is refused when %s', (_what, secrets) => {
    expect(receive(signed(), secrets)).toMatchObject({ ok: false, status: 401 });
  });

  it('takes only the signed id for dedupe', () => {
    const replayed = signed({
      more: [
        ['idempotency-key', 'fresh'],
        ['x-github-delivery', 'fresh'],
      ],
    });
    expect(receive(replayed)).toMatchObject({ ok: true, deliveryId: 'msg_1' });
  });

  it('is never accepted with any other signature', () => {
    fc.assert(
      fc.property(fc.string(), (signature) => {
        fc.pre(!signature.split(' ').includes(valid));
        expect(receive(signed({ signature })).ok).toBe(false);
      }),
    );
  });
});

describe('a webhook’s body', () => {
  const read = (contentType: string | null, body: string | Uint8Array) =>
    open({
      headers: contentType === null ? [] : [['Content-Type', contentType]],
      body: typeof body === 'string' ? bytes(body) : body,
    });
  const bodyOf = (contentType: string | null, body: string) => {
    const reception = read(contentType, body);
    if (!reception.ok) throw new Error(reception.message);
    return reception.data.body;
  };

  it('is read by its content type, never by its looks', () => {
    expect(bodyOf('application/json; charset=utf-8', text)).toEqual({ orderId: 'A-1042', total: 129.9 });
    expect(bodyOf('application/vnd.api+json', '[1]')).toEqual([1]);
    expect(bodyOf('application/x-www-form-urlencoded', 'a=1&a=2&b=%C3%A4')).toEqual({ a: ['1', '2'], b: 'ä' });
    expect(bodyOf('application/x-www-form-urlencoded', text)).toEqual({ [text]: '' });
    expect(bodyOf('text/plain', text)).toBe(text);
    expect(bodyOf('application/xml', '<a/>')).toBe('<a/>');
    expect(bodyOf(null, text)).toBe(text);
    expect(bodyOf('application/json', '')).toBeNull();
  });

  it.each([
    ['application/json', '{"a":', 400, 'invalid_json'],
    ['application/json', 'a=1', 400, 'invalid_json'],
    ['application/json', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 400, 'body_too_deep'],
    ['application/json', new Uint8Array([0x22, 0xff, 0x22]), 400, 'invalid_text'],
    ['multipart/mixed; boundary=x', '--x\r\n\r\n--x--', 415, 'unsupported_media_type'],
    ['application/octet-stream', '{}', 415, 'unsupported_media_type'],
  ])('is refused as %s (%#)', (contentType, body, status, code) => {
    expect(read(contentType, body)).toMatchObject({ ok: false, status, code });
  });

  it('is refused when two content types contradict', () => {
    const headers = [
      ['content-type', 'application/json'],
      ['Content-Type', 'text/plain'],
    ] as const;
    expect(open({ headers, body: bytes('{}') })).toMatchObject({ ok: false, status: 400 });
  });

  it.each(['__proto__', 'constructor', 'prototype'])('cannot reach a prototype through %s', (key) => {
    const attack = `{"${key}":{"polluted":1},"deep":[{"${key}":{"polluted":1}}],"${key}.x":1}`;
    const fromJson = bodyOf('application/json', attack) as Record<string, unknown>;
    const fromForm = bodyOf('application/x-www-form-urlencoded', `${key}=1&a[${key}][polluted]=1`);
    const fromQuery = open({ query: new URLSearchParams(`${key}=1&${key}=2`), headers: [[key, 'x']] });
    for (const value of [
      fromJson,
      fromForm,
      fromQuery.ok && fromQuery.data.query,
      fromQuery.ok && fromQuery.data.headers,
    ]) {
      expect(Object.getPrototypeOf(value)).toBeNull();
      expect(Object.keys(value as object)).not.toContain('__proto__');
      const copy = Object.assign({}, value) as { polluted?: unknown };
      expect(copy.polluted).toBeUndefined();
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(JSON.stringify(fromJson)).toBe(
      JSON.stringify(JSON.parse(attack, (name, value: unknown) => (name === '__proto__' ? undefined : value))),
    );
  });
});

describe('a webhook’s headers', () => {
  it('are lower-case, joined, and without secrets or the connection’s own', () => {
    const reception = open({
      method: 'post',
      headers: [
        ['X-Event', 'order'],
        ['x-event', 'paid'],
        ['Authorization', 'Bearer canary'],
        ['Cookie', 'canary'],
        ['X-Api-Key', 'canary'],
        ['X-Auth-Token', 'canary'],
        ['X-Hub-Signature-256', 'canary'],
        ['Proxy-Authorization', 'canary'],
        ['X-Forwarded-For', '10.0.0.1'],
        ['Connection', 'close'],
        ['Transfer-Encoding', 'chunked'],
        ['User-Agent', 'curl/8'],
      ],
      query: new URLSearchParams('page=1'),
    });
    expect(reception).toEqual({
      ok: true,
      deliveryId: null,
      data: {
        kind: 'trigger.webhook',
        method: 'POST',
        headers: { 'x-event': 'order, paid', 'user-agent': 'curl/8' },
        query: { page: '1' },
        body: null,
        receivedAt: '2026-11-21T12:00:00.000Z',
      },
    });
  });

  it.each([
    [
      [
        ['webhook-id', 'a'],
        ['Idempotency-Key', 'b'],
      ],
      'a',
    ],
    [[['Idempotency-Key', 'b']], 'b'],
    [[['X-GitHub-Delivery', 'c']], 'c'],
    [[['X-Shopify-Webhook-Id', 'd']], 'd'],
    [
      [
        ['webhook-id', ''],
        ['Idempotency-Key', 'b'],
      ],
      'b',
    ],
    [[['webhook-id', 'x'.repeat(256)]], null],
    [[['webhook-id', 'with space']], null],
    [[], null],
  ] as const)('name the delivery: %j', (headers, deliveryId) => {
    expect(open({ headers })).toMatchObject({ ok: true, deliveryId });
  });
});
