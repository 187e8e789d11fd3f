import type { Json } from '../flow/plan.ts';

/** What a run says to the HTTP request that waits for it. */
export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: { readonly [name: string]: string };
  /** A text is sent as it is, anything else as JSON, null as nothing. */
  readonly body: Json;
}

export type CheckedAnswer =
  | { readonly ok: true; readonly answer: HttpAnswer }
  | { readonly ok: false; readonly message: string };

/** Characters of JSON. The answer travels with the run's state. */
export const longestAnswerBody = 262_144;
const longestHeaders = 8_192;

/** The connection's and this server's own to say: a flow that could would speak for the whole site. */
const reserved: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-security-policy',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-content-type-options',
  'x-request-id',
]);

const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

const tokenShape = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
// Beyond these a header line could end early, or could not be sent at all.
const valueShape = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What the fields of a Respond step have given, as an answer that can be sent; or what is wrong with it. */
export const toHttpAnswer = (given: { readonly [field: string]: Json | undefined }): CheckedAnswer => {
  const status = typeof given['status'] === 'string' ? Number(given['status']) : given['status'];
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) {
    return wrong(`status: ${shorten(given['status'] ?? null)} is not a whole number from 200 to 599.`);
  }
  const headers = toHeaders(given['headers'] ?? {});
  if (!headers.ok) return headers;
  const body = given['body'] ?? null;
  if (body !== null && bodiless.has(status)) return wrong(`body: an answer with the status ${status} has none.`);
  const size = JSON.stringify(body).length;
  if (size > longestAnswerBody) {
    return wrong(`body: it has ${size} characters as JSON; an answer has at most ${longestAnswerBody}.`);
  }
  const type = body === null ? {} : { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' };
  return { ok: true, answer: { status, headers: { ...type, ...headers.value }, body } };
};

const toHeaders = (
  given: Json,
): { readonly ok: true; readonly value: HttpAnswer['headers'] } | { readonly ok: false; readonly message: string } => {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return wrong('headers: they are an object of texts by name.');
  }
  const entries: [name: string, value: string][] = [];
  for (const [written, value] of Object.entries(given as { readonly [name: string]: Json })) {
    const name = written.toLowerCase();
    if (value === null) continue;
    if (!tokenShape.test(name)) return wrong(`headers: ${shorten(written)} is not the name of a header.`);
    if (reserved.has(name)) return wrong(`headers: ${name} is not a flow's to say. Leave it out.`);
    if (typeof value === 'object') return wrong(`headers: ${name} is neither a text nor a number.`);
    if (!valueShape.test(String(value))) {
      return wrong(`headers: ${name} holds a line break or characters that a header cannot hold.`);
    }
    if (entries.some(([other]) => other === name)) return wrong(`headers: ${name} is there twice.`);
    entries.push([name, String(value)]);
  }
  const size = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (size > longestHeaders) return wrong(`headers: they have ${size} characters; at most ${longestHeaders} are sent.`);
  return { ok: true, value: Object.fromEntries(entries) };
};

const wrong = (message: string) => ({ ok: false as const, message });

const shorten = (value: Json): string => JSON.stringify(value).slice(0, 80);
