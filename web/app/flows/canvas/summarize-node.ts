import type { Condition, GraphNode, Json } from '@everwave/schema/flow';

/** A piece of a card's summary: the author's words, or a value that will be filled in when the flow runs. */
export type SummaryPart = { readonly text: string } | { readonly value: string };

type Input = GraphNode['input'];

const expression = /\{\{\s*([\s\S]+?)\s*\}\}/g;

/** `steps.customer.output.body.email` reads as `customer email`; anything but a plain path is shown as it is. */
const nameOf = (source: string): string => {
  if (!/^[\w.$[\]'"-]+$/.test(source)) return source.length > 28 ? `${source.slice(0, 27)}…` : source;
  const parts = source
    .replaceAll(/\[['"]?|['"]?\]/g, '.')
    .split('.')
    .filter(Boolean);
  const last = parts.at(-1) ?? source;
  return parts[0] === 'steps' && parts[1] && parts.length > 2 ? `${parts[1]}.${last}` : last;
};

/** Splits an author's text into its words and its expressions. */
export const partsOf = (text: string): SummaryPart[] => {
  const parts: SummaryPart[] = [];
  let at = 0;
  for (const match of text.matchAll(expression)) {
    if (match.index > at) parts.push({ text: text.slice(at, match.index) });
    parts.push({ value: nameOf(match[1] ?? '') });
    at = match.index + match[0].length;
  }
  if (at < text.length) parts.push({ text: text.slice(at) });
  return parts;
};

const valueParts = (value: Json | undefined): SummaryPart[] => {
  if (value === undefined || value === null) return [{ text: '…' }];
  if (typeof value === 'string') return partsOf(value);
  if (Array.isArray(value))
    return value.flatMap((item, at) => [...(at > 0 ? [{ text: ', ' }] : []), ...valueParts(item)]);
  return [{ text: typeof value === 'object' ? JSON.stringify(value) : String(value) }];
};

const operatorWords = {
  equals: 'is',
  notEquals: 'is not',
  greaterThan: '>',
  greaterOrEqual: '≥',
  lessThan: '<',
  lessOrEqual: '≤',
  contains: 'contains',
  startsWith: 'starts with',
  endsWith: 'ends with',
  matches: 'matches',
  exists: 'is there',
  notExists: 'is not there',
  isTrue: 'is true',
  isFalse: 'is false',
} as const;

const conditionParts = (condition: Condition): SummaryPart[] => {
  const joined = (conditions: readonly Condition[], word: string): SummaryPart[] =>
    conditions.flatMap((each, at) => [...(at > 0 ? [{ text: ` ${word} ` }] : []), ...conditionParts(each)]);
  if ('all' in condition) return joined(condition.all, 'and');
  if ('any' in condition) return joined(condition.any, 'or');
  if ('not' in condition) return [{ text: 'not ' }, ...conditionParts(condition.not)];
  return [
    ...valueParts(condition.left),
    { text: ` ${operatorWords[condition.operator]}` },
    ...(condition.right === undefined ? [] : [{ text: ' ' }, ...valueParts(condition.right)]),
  ];
};

const isCondition = (value: Json | undefined): value is Json & Condition =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const words = (text: string): SummaryPart[] => [{ text }];

const core: Readonly<Record<string, (input: Input) => SummaryPart[]>> = {
  'trigger.webhook': (input) =>
    words(input['signature'] === 'standard' ? 'When a signed webhook arrives' : 'When a webhook arrives'),
  'trigger.manual': () => words('When a person or a program starts it'),
  'trigger.schedule': ({ cron, interval, calendar, timeZone }) => {
    const zone = ` · ${typeof timeZone === 'string' ? timeZone : 'UTC'}`;
    if (typeof cron === 'string') return words(`At ${cron}${zone}`);
    if (typeof interval === 'string') return words(`Every ${interval}`);
    const time = typeof calendar === 'object' && calendar !== null && 'time' in calendar ? calendar['time'] : null;
    return words(typeof time === 'string' ? `At ${time}${zone}` : 'At times …');
  },
  'control.condition': ({ condition }) =>
    isCondition(condition) ? [{ text: 'If ' }, ...conditionParts(condition)] : words('If …'),
  'control.switch': ({ value, cases }) => [
    { text: 'By ' },
    ...valueParts(value),
    { text: Array.isArray(cases) ? `: ${cases.length} cases` : '' },
  ],
  'control.parallel': () => words('All branches at once'),
  'control.merge': ({ join, count, others }) => {
    const rest = others === 'cancel' ? ', cancel the others' : '';
    if (join === 'any') return words(`Wait for the first branch${rest}`);
    return words(join === 'count' ? `Wait for ${Number(count)} branches${rest}` : 'Wait for every branch taken');
  },
  'control.forEach': ({ items, concurrency }) => [
    { text: 'For each of ' },
    ...valueParts(items),
    { text: concurrency === undefined ? '' : `, ${Number(concurrency)} at a time` },
  ],
  'control.while': ({ condition }) =>
    isCondition(condition) ? [{ text: 'While ' }, ...conditionParts(condition)] : words('While …'),
  'control.try': ({ catches }) =>
    words(Array.isArray(catches) && catches.length > 0 ? `Catches ${catches.join(', ')}` : 'Catches every failure'),
  'control.finally': () => words('However it ends'),
  'control.waitUntil': ({ until }) => [{ text: 'Wait until ' }, ...valueParts(until)],
  'control.waitForEvent': ({ event, correlationKey }) => [
    { text: `Wait for ${typeof event === 'string' ? event : '…'}: ` },
    ...valueParts(correlationKey),
  ],
  'control.sendEvent': ({ event, correlationKey }) => [
    { text: `Send ${typeof event === 'string' ? event : '…'}: ` },
    ...valueParts(correlationKey),
  ],
  'control.approval': ({ subject, approvals }) => [
    { text: typeof approvals === 'number' && approvals > 1 ? `Ask ${approvals} people` : 'Ask' },
    ...(subject === undefined ? [] : [{ text: ': ' }, ...valueParts(subject)]),
  ],
  'control.stop': ({ outcome, value }) => [
    { text: outcome === 'failed' ? 'End the run as failed' : 'End the run' },
    ...(value === undefined || value === null ? [] : [{ text: ': ' }, ...valueParts(value)]),
  ],
  'control.respond': ({ status, body }) => [
    { text: 'Answer the caller with ' },
    ...valueParts(status ?? 200),
    ...(typeof body === 'string' ? [{ text: ': ' }, ...valueParts(body)] : []),
  ],
  'control.delay': ({ duration }) => [{ text: 'Wait ' }, ...valueParts(duration)],
  'control.setVariables': ({ variables }) =>
    words(isCondition(variables) ? `Set ${Object.keys(variables).join(', ')}` : 'Set variables'),
  'control.return': ({ output }) =>
    output === undefined || output === null
      ? words('End the run')
      : typeof output === 'object' && !Array.isArray(output)
        ? words(`Answer with ${Object.keys(output).join(', ')}`)
        : [{ text: 'Answer ' }, ...valueParts(output)],
};

const askModel = ({ model, prompt }: Input): SummaryPart[] => [
  ...(model === undefined ? [{ text: 'Ask' }] : [{ text: 'Ask ' }, ...valueParts(model)]),
  { text: ': ' },
  ...valueParts(prompt),
];

/** The first line that says something, without the comment's marks where it is one. */
const firstLine = (code: Json | undefined): string => {
  const lines = typeof code === 'string' ? code.split('\n').map((line) => line.trim()) : [];
  return lines.find((line) => /[\p{L}\p{N}]/u.test(line))?.replace(/^(\/\/|\/\*+)\s*/, '') ?? '…';
};

const actions: Readonly<Record<string, (input: Input) => SummaryPart[]>> = {
  'openai.generateText': askModel,
  'openai.generateObject': askModel,
  'anthropic.generateText': askModel,
  'anthropic.generateObject': askModel,
  'openai.createEmbeddings': ({ texts }) => [{ text: 'Vectors of ' }, ...valueParts(texts)],
  'code.run': ({ code }) => words(firstLine(code)),
  'http.request': ({ method, url, path }) => [
    ...valueParts(method ?? 'GET'),
    { text: ' ' },
    ...valueParts(url ?? path).map((part) => ('text' in part ? { text: part.text.replace(/^https?:\/\//, '') } : part)),
  ],
  'email.send': ({ to, subject }) => [{ text: 'To ' }, ...valueParts(to), { text: ': ' }, ...valueParts(subject)],
  'slack.postMessage': ({ channel, text }) => [
    { text: 'Post to ' },
    ...valueParts(channel),
    { text: ': ' },
    ...valueParts(text),
  ],
};

/** A card's line made from its values: `Post to #orders: New order {orderId}`. Falls back to the kind's own sentence. */
export const summarizeNode = (node: GraphNode, kindSummary: string | undefined): readonly SummaryPart[] => {
  const known = core[node.kind] ?? actions[node.kind];
  if (known) return known(node.input);
  const firstText = Object.values(node.input).find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof firstText === 'string' ? partsOf(firstText) : words(kindSummary ?? '');
};
