import * as z from 'zod';
import { defineCredential } from '../../node/define-credential.ts';
import { defineNode } from '../../node/define-node.ts';
import { toManifest, type NodeManifest } from '../../node/manifest.ts';
import { flowGraphSchema, type FlowGraph } from '../graph.ts';

const botCredential = defineCredential({
  kind: 'chat.bot',
  title: 'Chat bot',
  help: 'From the settings of the chat.',
  secret: z.strictObject({ token: z.string() }),
  settings: z.strictObject({}),
});

const chatSend = defineNode({
  kind: 'chat.send',
  version: 1,
  title: 'Send a message',
  summary: 'Sends a text to a channel.',
  effect: 'writes',
  credential: botCredential,
  input: z.strictObject({
    channel: z.string().min(1).meta({ title: 'Channel' }),
    text: z.string().min(1).max(100).meta({ title: 'Message' }),
    retries: z.int().min(0).max(5).optional().meta({ title: 'Retries' }),
    options: z.strictObject({ silent: z.boolean().optional(), tags: z.array(z.string()).optional() }).optional(),
  }),
  output: z.strictObject({ id: z.string() }),
  failures: { no_channel: 'There is no such channel.' },
  activity: {
    startToCloseTimeout: '15s',
    scheduleToCloseTimeout: '1h',
    retry: {
      initialInterval: '2s',
      maximumInterval: '2m',
      maximumAttempts: 8,
      nonRetryableErrorTypes: ['no_channel'],
    },
  },
  idempotency: { by: 'lookup' },
  meters: {},
  examples: [{ title: 'Hello', input: { channel: 'general', text: 'Hello' }, output: { id: '1' } }],
});

const webFetch = defineNode({
  kind: 'web.fetch',
  version: 2,
  title: 'Fetch a page',
  summary: 'Reads a page.',
  effect: 'reads',
  credential: null,
  input: z.strictObject({
    url: z.string().meta({ title: 'URL' }),
    body: z
      .union([z.string(), z.strictObject({ size: z.number() })])
      .optional()
      .meta({ title: 'Body' }),
  }),
  output: z.strictObject({ body: z.unknown() }),
  failures: {},
  activity: {
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: '10m',
    retry: { initialInterval: '1s', maximumInterval: '1m', maximumAttempts: 5, nonRetryableErrorTypes: [] },
  },
  idempotency: { by: 'nature' },
  meters: {},
  examples: [{ title: 'A page', input: { url: 'http://example.test' }, output: { body: null } }],
});

/** Two connectors' nodes, and an old version of one of them. */
export const manifests: readonly NodeManifest[] = [
  toManifest(chatSend),
  toManifest(webFetch),
  toManifest({ ...webFetch, version: 1, deprecated: { use: 'web.fetch@2' } }),
];

interface NodeSketch {
  readonly kind: string;
  readonly title?: string;
  readonly [field: string]: unknown;
}

/**
 * A drawing in a few words: steps by id, and arrows such as `hook > check`, `check.true > send`. A missing title is the
 * id; a step of the kind chat.send gets a connection and the fields it needs.
 */
export const aFlow = (
  nodes: { readonly [id: string]: NodeSketch },
  arrows: readonly string[] = [],
  settings: Partial<FlowGraph['settings']> = {},
): FlowGraph =>
  flowGraphSchema.parse({
    nodes: Object.entries(nodes).map(([id, node]) => ({
      id,
      title: id,
      ...(node.kind === 'chat.send' && {
        connectionId: 'conn_1',
        input: { channel: 'general', text: 'Hello' },
      }),
      ...(node.kind === 'web.fetch' && { version: 2, input: { url: 'http://example.test' } }),
      ...node,
    })),
    edges: arrows.map((arrow, index) => {
      const [from = '', to = ''] = arrow.split(' > ');
      const [id = '', port = 'out'] = from.split('.');
      return { id: `e${index}`, from: id, port, to };
    }),
    settings,
  });
