import { defineNode, fileSchema } from '@everwave/schema/node';
import * as z from 'zod';
import { httpAuthentication } from '../credential.ts';

/** Written by the client, or a way around it: not for the builder to set. */
const reservedHeaders = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'keep-alive',
  'proxy-connection',
];

const headersSchema = z.record(
  z
    .string()
    .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, 'Not a header name.')
    .refine((name) => !reservedHeaders.includes(name.toLowerCase()), 'This header is set by the client itself.'),
  z.string().regex(/^[^\r\n\0]*$/, 'A header value is one line.'),
);

const scalar = z.union([z.string(), z.number(), z.boolean()]);

export const httpRequest = defineNode({
  kind: 'http.request',
  version: 1,
  title: 'HTTP request',
  summary: 'Calls any HTTP API and hands on its status, headers and body.',
  effect: 'writes',
  // By RFC 9110 these change nothing on the other side.
  readsWhen: { field: 'method', oneOf: ['GET', 'HEAD', 'OPTIONS'] },
  credential: httpAuthentication,
  credentialOptional: true,
  input: z.strictObject({
    method: z
      .enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'])
      .default('GET')
      .meta({ title: 'Method' }),
    url: z.string().min(1).max(8000).meta({
      title: 'URL',
      description: 'A full address, or with a connection a path below its base URL.',
      widget: 'template',
      placeholder: 'https://api.example.com/customers/{{ trigger.body.customerId }}',
    }),
    query: z
      .record(z.string(), z.union([scalar, z.array(scalar)]))
      .default({})
      .meta({
        title: 'Query',
        description: 'Added to the URL, encoded.',
        widget: 'json',
      }),
    headers: headersSchema.default({}).meta({ title: 'Headers', widget: 'json' }),
    bodyType: z.enum(['json', 'text', 'form', 'file', 'multipart']).default('json').meta({ title: 'Body type' }),
    body: z.json().optional().meta({
      title: 'Body',
      description:
        'json: any value. text: a string. form: an object of strings. file: a file of this run. multipart: an object of strings and files.',
      widget: 'json',
    }),
    responseType: z.enum(['auto', 'json', 'text', 'file']).default('auto').meta({
      title: 'Read the answer as',
      description:
        'auto: JSON when the service says so, text otherwise. file: stored as it comes, up to 256 MiB, and handed on as output.file.',
    }),
    fileName: z.string().min(1).max(500).optional().meta({
      title: 'File name',
      description: 'Of an answer that is saved as a file. Without it, the name that the service gives.',
      widget: 'template',
    }),
    followRedirects: z.boolean().default(false).meta({
      title: 'Follow redirects',
      description: 'At most five. Secrets are not sent to another address.',
    }),
    timeoutSeconds: z.int().min(1).max(110).default(30).meta({ title: 'Time limit in seconds' }),
    duplicates: z.enum(['at-most-once', 'key', 'at-least-once']).default('at-most-once').meta({
      title: 'If it is unclear whether a POST or PATCH arrived',
      description:
        'at-most-once: stop and ask a person. key: the service honours the header Idempotency-Key, send again. at-least-once: send again and accept a double. GET, PUT and DELETE are safe to repeat.',
    }),
  }),
  output: z.strictObject({
    status: z.int().meta({ title: 'Status' }),
    headers: z.record(z.string(), z.string()).meta({ title: 'Headers' }),
    body: z.json().meta({ title: 'Body' }),
    file: fileSchema.optional().meta({ title: 'File', description: 'The answer, when it is read as a file.' }),
    possiblyRepeated: z.boolean().default(false).meta({
      title: 'Possibly sent twice',
      description: 'True when an earlier attempt may have arrived and at-least-once was chosen.',
    }),
  }),
  failures: {
    bad_request: 'The service did not understand the request (400). Compare the input with its documentation.',
    unauthorized: 'The service refused the credential (401). Renew it in the connection, test it, then retry.',
    forbidden: 'The credential is valid but may not do this (403). Ask for the permission, then retry.',
    not_found: 'There is nothing at this address (404). Check the path and the ids in it.',
    conflict: 'The service is in a state that does not allow this (409).',
    unprocessable: 'The service understood the request and refused its content (422). Correct the named field.',
    client_error: 'The service refused the request. Its documentation says what the status means.',
    request_timeout: 'The service did not receive the request in time (408). It is tried again.',
    server_error: 'The service failed (5xx). It is tried again; if it stays, ask its operator.',
    not_json: 'JSON was asked for and something else came. Choose text or auto, or correct the address.',
    other_host: 'The connection’s secret belongs to another address. Use a path, or another connection.',
    invalid_url: 'Write a full address such as https://api.example.com/path, or choose a connection and write a path.',
    invalid_body:
      'Choose the body type that fits: text wants a string, form an object of strings, file a file of this run, GET none.',
  },
  activity: {
    startToCloseTimeout: '2m',
    scheduleToCloseTimeout: '1h',
    heartbeatTimeout: '15s',
    retry: {
      initialInterval: '1s',
      maximumInterval: '1m',
      maximumAttempts: 6,
      nonRetryableErrorTypes: [
        'bad_request',
        'unauthorized',
        'forbidden',
        'not_found',
        'conflict',
        'unprocessable',
        'client_error',
        'not_json',
        'other_host',
        'invalid_url',
        'invalid_body',
      ],
    },
  },
  idempotency: {
    by: 'nobody',
    duplicates:
      'GET, PUT and DELETE may be repeated without harm. For POST and PATCH you choose what happens when it is unclear whether the request arrived.',
  },
  meters: {},
  examples: [
    {
      title: 'Read a customer',
      input: { url: 'https://api.example.com/customers/c_7' },
      output: {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: { id: 'c_7', name: 'Ada Lovelace', tier: 'gold' },
      },
    },
    {
      title: 'Create an order under a key the service honours',
      input: {
        method: 'POST',
        url: 'https://api.example.com/orders',
        body: { sku: 'A-1042', quantity: 2 },
        duplicates: 'key',
      },
      output: { status: 201, headers: { location: '/orders/9' }, body: { id: 9 } },
    },
  ],
});
