import * as z from 'zod';
import type { JsonSchema, NodeManifest, Port } from '../node/manifest.ts';
import { batchSchema, debounceSchema } from './collect.ts';
import { conditionSchema, value } from './conditions.ts';
import { durationSchema } from './graph.ts';
import type { Json } from './plan.ts';
import { scheduleInputSchema } from './schedule/schedule.ts';
import { approvalInput, waitForEventInput } from './wait-inputs.ts';

const portSchema = z
  .string()
  .regex(/^(?!default$|error$)[a-z][a-z0-9_]{0,39}$/)
  .meta({
    title: 'Name of the way out',
    literal: true,
    message: 'starts with a letter, holds lower-case letters, digits and underscores, and is not "default" or "error"',
  });

const variableName = z
  .string()
  .regex(/^[a-zA-Z][a-zA-Z0-9_]{0,59}$/)
  .meta({ message: 'starts with a letter and holds letters, digits and underscores' });

export const webhookInputSchema = z.strictObject({
  signature: z
    .enum(['none', 'standard'])
    .default('none')
    .meta({
      title: 'Signature',
      description: 'Standard Webhooks: deliveries without a valid signature are refused.',
      labels: { none: 'Not checked', standard: 'Standard Webhooks' },
      literal: true,
    }),
  answer: z
    .enum(['acknowledge', 'result'])
    .default('acknowledge')
    .meta({
      title: 'Answers',
      description: 'A caller waits at most 30 seconds for a result; then it gets the address of the run.',
      labels: {
        acknowledge: 'At once, that the delivery is stored',
        result: 'With what a Respond step says, or else what the run gives',
      },
      literal: true,
    }),
  debounce: debounceSchema.optional().meta({
    title: 'Debounce',
    description: 'One run for deliveries that follow each other, once it is quiet.',
  }),
  batch: batchSchema.optional().meta({
    title: 'Batch',
    description: 'One run for so many deliveries, which it reads as trigger.items.',
  }),
});

const loopResult = value.optional().meta({
  title: 'Result',
  description: 'Evaluated over the steps inside; without it, what the last step inside gives.',
  widget: 'template',
});

const timeLimit = durationSchema.optional().meta({
  title: 'Time limit',
  description: 'When it is up, what runs inside is cancelled, and this fails as timed_out.',
  widget: 'duration',
  literal: true,
});

const headerName = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/)
  .meta({ message: 'is the name of an HTTP header, such as content-type' });

const inputs = {
  webhook: webhookInputSchema,
  manual: z.strictObject({}),
  schedule: scheduleInputSchema,
  condition: z.strictObject({
    condition: conditionSchema.meta({ title: 'Condition', widget: 'condition' }),
  }),
  switch: z.strictObject({
    value: value.meta({ title: 'Value to look at', widget: 'template' }),
    cases: z
      .array(
        z.strictObject({
          port: portSchema,
          equals: value.meta({ title: 'Equals', widget: 'template' }),
        }),
      )
      .min(1)
      .max(50)
      .meta({ title: 'Cases', description: 'The first case that equals the value is taken, otherwise "default".' }),
  }),
  parallel: z.strictObject({}),
  merge: z.strictObject({
    join: z
      .enum(['all', 'any', 'count'])
      .default('all')
      .meta({
        title: 'Waits for',
        labels: { all: 'All branches that were taken', any: 'The first branch', count: 'So many branches' },
        literal: true,
      }),
    count: z.int().min(1).max(100).optional().meta({ title: 'How many branches', literal: true }),
    others: z
      .enum(['continue', 'cancel'])
      .optional()
      .meta({
        title: 'The other branches',
        labels: { continue: 'Go on to their end', cancel: 'Are cancelled' },
        literal: true,
      }),
  }),
  delay: z.strictObject({
    duration: durationSchema.meta({
      title: 'Duration',
      description: 'A number and a unit: 500ms, 15s, 10m, 2h, 30d.',
      widget: 'duration',
    }),
  }),
  waitUntil: z.strictObject({
    until: z.string().min(1).meta({
      title: 'Moment',
      description: 'Date, time and offset: 2026-12-24T18:00:00+01:00. A moment that has passed is not waited for.',
      widget: 'template',
    }),
  }),
  waitForEvent: waitForEventInput,
  approval: approvalInput,
  stop: z.strictObject({
    outcome: z
      .enum(['succeeded', 'failed'])
      .default('succeeded')
      .meta({ title: 'Ends as', labels: { succeeded: 'Succeeded', failed: 'Failed' }, literal: true }),
    value: value.optional().meta({
      title: 'Output or reason',
      description: 'What the run gives, or why it fails.',
      widget: 'template',
    }),
  }),
  forEach: z.strictObject({
    items: value.meta({
      title: 'Items',
      description: 'A list, such as {{ steps.search.output.body.results }}.',
      widget: 'template',
    }),
    concurrency: z.int().min(1).max(100).default(5).meta({ title: 'At the same time', literal: true }),
    onItemFailure: z
      .enum(['park', 'collect', 'stop'])
      .default('park')
      .meta({
        title: 'When an item fails',
        labels: {
          park: 'As everywhere: wait for a person at its step, the other items go on',
          collect: 'Give the item up, and list it in the output',
          stop: 'Stop the loop',
        },
        literal: true,
      }),
    result: loopResult,
    timeLimit,
  }),
  while: z.strictObject({
    condition: conditionSchema.meta({
      title: 'Goes on while',
      description: 'Reads the steps of the iteration that has just ended.',
      widget: 'condition',
    }),
    check: z
      .enum(['before', 'after'])
      .default('before')
      .meta({
        title: 'Asked',
        labels: { before: 'Before each iteration', after: 'After each iteration, so that one always runs' },
        literal: true,
      }),
    maximumIterations: z.int().min(1).max(10_000).default(100).meta({ title: 'Most iterations', literal: true }),
    result: loopResult,
    timeLimit,
  }),
  try: z.strictObject({
    catches: z
      .array(z.string().regex(/^[a-z][a-z0-9_]{0,79}$/))
      .max(50)
      .default([])
      .meta({
        title: 'Failures',
        description: 'Names of failures that it catches; none means all.',
        literal: true,
      }),
    result: loopResult,
    timeLimit,
  }),
  finally: z.strictObject({}),
  subflow: z.strictObject({
    flowId: z
      .string()
      .regex(/^flow_[0-9a-f]{32}$/)
      .meta({
        title: 'Flow',
        description: 'Its live version when this flow is published is what runs.',
        literal: true,
        message: 'is the id of a flow: flow_ and 32 hexadecimal digits',
      }),
    input: value.optional().meta({
      title: 'Input',
      description: 'What the other flow reads as trigger.body.',
      widget: 'template',
    }),
    mode: z
      .enum(['wait', 'detach'])
      .default('wait')
      .meta({
        title: 'Then',
        labels: { wait: 'Waits for its end, and gives what it gives', detach: 'Goes on, and gives the id of its run' },
        literal: true,
      }),
  }),
  setVariables: z.strictObject({
    variables: z
      .record(variableName, value)
      .meta({ title: 'Variables', description: 'Later steps read them as vars.<name>.', widget: 'pairs' }),
  }),
  return: z.strictObject({
    output: value.meta({ title: 'Output', description: 'What the run gives.', widget: 'template' }),
  }),
  respond: z.strictObject({
    status: value.default(200).meta({ title: 'Status', description: 'From 200 to 599.', widget: 'template' }),
    headers: z.record(headerName, value).default({}).meta({
      title: 'Headers',
      description: 'Without a content type, a text is sent as text, anything else as JSON.',
      widget: 'pairs',
    }),
    body: value.optional().meta({ title: 'Body', description: 'Without it, the answer has none.', widget: 'template' }),
  }),
} as const;

const anything: JsonSchema = {};
const out: readonly Port[] = [{ id: 'out', title: 'Next' }];

const orElse: readonly Port[] = [
  { id: 'out', title: 'Done' },
  { id: 'error', title: 'Failed' },
];

interface CoreNode {
  readonly kind: string;
  readonly title: string;
  readonly summary: string;
  readonly input: z.ZodType;
  readonly ports: readonly Port[] | null;
  /** Holds other steps: their `parent` is its id. */
  readonly frame?: true;
  readonly example: { readonly title: string; readonly input: Json; readonly output: Json };
}

const nodes: readonly CoreNode[] = [
  {
    kind: 'trigger.webhook',
    title: 'Webhook',
    summary: 'Starts a run for each delivery to an address of its own.',
    input: inputs.webhook,
    ports: out,
    example: {
      title: 'Take orders from a shop',
      input: { signature: 'none' },
      output: {
        kind: 'webhook',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        query: {},
        body: { orderId: 'A-1042' },
        receivedAt: '2026-11-21T12:00:00.000Z',
      },
    },
  },
  {
    kind: 'trigger.manual',
    title: 'Started by hand',
    summary: 'Starts a run from the app, the command line or the API.',
    input: inputs.manual,
    ports: out,
    example: {
      title: 'Run on request',
      input: {},
      output: { kind: 'manual', body: { orderId: 'A-1042' }, receivedAt: '2026-11-21T12:00:00.000Z' },
    },
  },
  {
    kind: 'trigger.schedule',
    title: 'Schedule',
    summary: 'Starts runs at times: by cron, at an interval, or by the calendar.',
    input: inputs.schedule,
    ports: out,
    example: {
      title: 'On workdays in the morning',
      input: { cron: '30 9 * * MON-FRI', timeZone: 'Europe/Berlin' },
      output: {
        kind: 'schedule',
        body: {},
        scheduledAt: '2026-11-23T08:30:00Z',
        receivedAt: '2026-11-23T08:30:00.412Z',
      },
    },
  },
  {
    kind: 'control.condition',
    title: 'Condition',
    summary: 'Goes one of two ways.',
    input: inputs.condition,
    ports: [
      { id: 'true', title: 'Yes' },
      { id: 'false', title: 'No' },
    ],
    example: {
      title: 'Large orders of gold customers',
      input: {
        condition: {
          all: [
            { left: '{{ steps.customer.output.body.tier }}', operator: 'equals', right: 'gold' },
            { left: '{{ trigger.body.total }}', operator: 'greaterThan', right: 100 },
          ],
        },
      },
      output: true,
    },
  },
  {
    kind: 'control.switch',
    title: 'Switch',
    summary: 'Goes the way of the first case that equals a value.',
    input: inputs.switch,
    ports: null,
    example: {
      title: 'By country',
      input: {
        value: '{{ trigger.body.country }}',
        cases: [
          { port: 'germany', equals: 'DE' },
          { port: 'france', equals: 'FR' },
        ],
      },
      output: 'germany',
    },
  },
  {
    kind: 'control.parallel',
    title: 'Parallel',
    summary: 'Goes all its ways at once.',
    input: inputs.parallel,
    ports: out,
    example: { title: 'Two messages at once', input: {}, output: null },
  },
  {
    kind: 'control.merge',
    title: 'Merge',
    summary: 'Waits for its branches, then goes on once.',
    input: inputs.merge,
    ports: out,
    example: { title: 'After both messages', input: { join: 'all' }, output: null },
  },
  {
    kind: 'control.delay',
    title: 'Delay',
    summary: 'Waits, also through restarts.',
    input: inputs.delay,
    ports: out,
    example: { title: 'Ten minutes', input: { duration: '10m' }, output: null },
  },
  {
    kind: 'control.waitUntil',
    title: 'Wait until',
    summary: 'Waits until a moment, also through restarts.',
    input: inputs.waitUntil,
    ports: out,
    example: {
      title: 'When the sale begins',
      input: { until: '{{ trigger.body.saleBegins }}' },
      output: { until: '2026-12-24T17:00:00.000Z' },
    },
  },
  {
    kind: 'control.waitForEvent',
    title: 'Wait for event',
    summary: 'Waits until an event with this name and key arrives, or takes one that came before.',
    input: inputs.waitForEvent,
    ports: [
      { id: 'out', title: 'Arrived' },
      { id: 'timeout', title: 'Not in time' },
    ],
    example: {
      title: 'Until the order is paid',
      input: { event: 'order.paid', correlationKey: '{{ trigger.body.orderId }}', timeout: '3d' },
      output: {
        id: 'pay_7',
        name: 'order.paid',
        correlationKey: 'A-1042',
        data: { amount: 129.9 },
        receivedAt: '2026-11-21T12:00:00.000Z',
      },
    },
  },
  {
    kind: 'control.approval',
    title: 'Approval',
    summary: 'Waits until people have approved or rejected.',
    input: inputs.approval,
    ports: [
      { id: 'approved', title: 'Approved' },
      { id: 'rejected', title: 'Rejected' },
      { id: 'timeout', title: 'Not in time' },
    ],
    example: {
      title: 'A refund above 100',
      input: {
        subject: 'Refund {{ trigger.body.amount }} to {{ trigger.body.customer }}?',
        fields: [{ name: 'reason', title: 'Reason', type: 'text', required: true }],
        roles: ['operator'],
        timeout: '2d',
      },
      output: {
        decision: 'approved',
        by: { userId: 'user_7', name: 'Ada', email: 'ada@example.org', role: 'operator' },
        at: '2026-11-21T12:00:00.000Z',
        comment: null,
        values: { reason: 'Arrived broken' },
        answers: [
          {
            decision: 'approved',
            by: { userId: 'user_7', name: 'Ada', email: 'ada@example.org', role: 'operator' },
            at: '2026-11-21T12:00:00.000Z',
            comment: null,
            values: { reason: 'Arrived broken' },
          },
        ],
      },
    },
  },
  {
    kind: 'control.forEach',
    title: 'For each',
    summary: 'Runs the steps inside once for each item of a list.',
    input: inputs.forEach,
    ports: orElse,
    frame: true,
    example: {
      title: 'Each line of an order',
      input: { items: '{{ trigger.body.lines }}', concurrency: 5, onItemFailure: 'park' },
      output: { results: [{ reserved: true }], count: 1, failed: [] },
    },
  },
  {
    kind: 'control.while',
    title: 'While',
    summary: 'Runs the steps inside again and again while a condition holds.',
    input: inputs.while,
    ports: orElse,
    frame: true,
    example: {
      title: 'All pages of a list',
      input: {
        condition: { left: '{{ steps.page.output.body.next }}', operator: 'exists' },
        check: 'after',
        maximumIterations: 50,
      },
      output: { iterations: 3, result: null },
    },
  },
  {
    kind: 'control.try',
    title: 'Try',
    summary: 'Runs the steps inside; when one of them fails for good, goes another way.',
    input: inputs.try,
    ports: [
      { id: 'out', title: 'Done' },
      { id: 'caught', title: 'Caught' },
    ],
    frame: true,
    example: { title: 'Pay, or say sorry', input: { catches: ['card_refused'] }, output: { receipt: 'R-7' } },
  },
  {
    kind: 'control.finally',
    title: 'Finally',
    summary: 'Inside a try: runs its steps when that one ends, however it ends.',
    input: inputs.finally,
    ports: [],
    frame: true,
    example: { title: 'Give the reservation back', input: {}, output: null },
  },
  {
    kind: 'control.subflow',
    title: 'Sub-flow',
    summary: 'Runs another flow as a run of its own.',
    input: inputs.subflow,
    ports: orElse,
    example: {
      title: 'Ship what was ordered',
      input: {
        flowId: 'flow_0192e4a17c3b7d2e9f10a4b5c6d7e8f9',
        input: { orderId: '{{ trigger.body.orderId }}' },
        mode: 'wait',
      },
      output: { parcel: 'P-77' },
    },
  },
  {
    kind: 'control.stop',
    title: 'Stop',
    summary: 'Ends the run at once; what else is under way is cancelled.',
    input: inputs.stop,
    ports: [],
    example: { title: 'Nothing to do', input: { outcome: 'succeeded', value: 'no orders' }, output: 'no orders' },
  },
  {
    kind: 'control.setVariables',
    title: 'Set variables',
    summary: 'Keeps values under names that later steps read as vars.<name>.',
    input: inputs.setVariables,
    ports: out,
    example: {
      title: 'Remember the total',
      input: { variables: { total: '{{ trigger.body.total }}' } },
      output: { total: 129.9 },
    },
  },
  {
    kind: 'control.return',
    title: 'Return',
    summary: 'Sets what the run gives. Other branches still go on to their end.',
    input: inputs.return,
    ports: [],
    example: { title: 'The customer', input: { output: '{{ steps.customer.output.body }}' }, output: { tier: 'gold' } },
  },
  {
    kind: 'control.respond',
    title: 'Respond',
    summary: 'Answers the caller of the webhook, who waits. The run goes on.',
    input: inputs.respond,
    ports: orElse,
    example: {
      title: 'The price, at once',
      input: { status: 200, headers: {}, body: { price: '{{ steps.quote.output.body.price }}' } },
      output: { status: 200, headers: { 'content-type': 'application/json' }, body: { price: 129.9 } },
    },
  },
];

const toManifest = ({ kind, title, summary, input, ports, frame, example }: CoreNode): NodeManifest => ({
  kind,
  version: 1,
  title,
  summary,
  category: kind.startsWith('trigger.') ? 'trigger' : 'control',
  connector: 'core',
  input: z.toJSONSchema(input, { io: 'input' }) as JsonSchema,
  output: anything,
  ports,
  ...(frame && { frame }),
  credential: null,
  effect: null,
  idempotency: null,
  failures: {},
  activity: null,
  meters: {},
  examples: [example],
  deprecated: null,
});

/** Triggers and control nodes as data, in the order of the palette. */
export const coreManifests: readonly NodeManifest[] = nodes.map(toManifest);

const caseSchema = z.object({ cases: z.array(z.object({ port: z.string() })) });

/** The ways out of a node. Those of a switch depend on its input: one per case, then `default`. */
export const portsOf = (manifest: NodeManifest, input: { readonly [field: string]: Json }): readonly Port[] => {
  if (manifest.ports) return manifest.ports;
  const parsed = caseSchema.safeParse(input);
  const cases = parsed.success ? parsed.data.cases : [];
  return [...cases.map(({ port }) => ({ id: port, title: port })), { id: 'default', title: 'Otherwise' }];
};
