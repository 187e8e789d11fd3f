import type { Json } from '@everwave/schema/flow';
import * as z from 'zod';
import { readConditions, toCondition } from './convert-condition.ts';
import { type N8nNode, typeOf } from './n8n-export.ts';
import { type Roots, translateText } from './translate-text.ts';

/** What a node becomes. */
export interface Converted {
  readonly kind: string;
  readonly input: Readonly<Record<string, Json>>;
  /** Our ways out, in the order in which n8n counts its own. */
  readonly ports: readonly string[];
  /** What whoever imports it has to look at. */
  readonly notes: readonly string[];
}

export interface ConvertTools {
  readonly roots: Roots;
  readonly timeZone: string | undefined;
}

type Parameters = Readonly<Record<string, unknown>>;
interface Work {
  readonly node: N8nNode;
  readonly parameters: Parameters;
  readonly roots: Roots;
  readonly timeZone: string | undefined;
  /** A value of n8n's with everything in it translated. */
  readonly value: (given: unknown) => Json;
  readonly text: (name: string) => Json;
  readonly note: (words: string) => void;
}
type Convert = (work: Work) => Omit<Converted, 'notes'> | null;

const out = ['out'] as const;
const textOf = (given: unknown): string => (typeof given === 'string' ? given : '');
const numberOf = (given: unknown, fallback: number): number => (typeof given === 'number' ? given : fallback);

const pairsSchema = z.object({
  parameters: z.array(z.object({ name: z.string(), value: z.unknown() })),
});
const pairsOf = ({ value }: Work, given: unknown): Record<string, Json> => {
  const pairs = pairsSchema.safeParse(given);
  if (!pairs.success) return {};
  return Object.fromEntries(
    pairs.data.parameters.filter(({ name }) => name !== '').map((each) => [each.name, value(each.value)]),
  );
};

const webhook: Convert = ({ parameters, note }) => {
  note('It has an address of its own here. Give that to whoever calls it.');
  const answers = ['responseNode', 'lastNode'].includes(textOf(parameters['responseMode']));
  return { kind: 'trigger.webhook', input: answers ? { answer: 'result' } : {}, ports: out };
};

const ruleSchema = z.object({ interval: z.array(z.record(z.string(), z.unknown())).min(1) });
const dayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const schedule: Convert = ({ parameters, timeZone, note }) => {
  const rule = ruleSchema.safeParse(parameters['rule']);
  if (!rule.success) return null;
  const [every = {}, ...others] = rule.data.interval;
  if (others.length > 0)
    note('It had more than one interval. Only the first is here: add a trigger for each other one.');
  const zone = timeZone === undefined || timeZone === 'DEFAULT' ? {} : { timeZone };
  const [minute, hour] = [numberOf(every['triggerAtMinute'], 0), numberOf(every['triggerAtHour'], 0)];
  const cron = (fields: string) => ({ kind: 'trigger.schedule', input: { cron: fields, ...zone }, ports: out });
  const interval = (duration: string) => ({ kind: 'trigger.schedule', input: { interval: duration }, ports: out });
  switch (every['field'] ?? 'days') {
    case 'cronExpression': {
      const fields = textOf(every['expression']).replace(/^=/, '').trim().split(/\s+/);
      if (fields.length === 6) note('Its cron had seconds, which are left out.');
      return cron(fields.slice(-5).join(' '));
    }
    case 'minutes':
      return interval(`${numberOf(every['minutesInterval'], 5)}m`);
    case 'hours':
      return interval(`${numberOf(every['hoursInterval'], 1)}h`);
    case 'weeks': {
      const days = z.array(z.int().min(0).max(6)).safeParse(every['triggerAtDay']);
      const names = (days.success ? days.data : [0]).map((day) => dayNames[day] ?? 'SUN');
      if (numberOf(every['weeksInterval'], 1) > 1) note('It did not run every week. Here it does: change it.');
      return cron(`${minute} ${hour} * * ${names.join(',')}`);
    }
    case 'days':
      if (numberOf(every['daysInterval'], 1) > 1) note('It did not run every day. Here it does: change it.');
      return cron(`${minute} ${hour} * * *`);
    default:
      return null;
  }
};

const httpRequest: Convert = (work) => {
  const { parameters, text, value, note } = work;
  const method = textOf(parameters['method'] ?? parameters['requestMethod']) || 'GET';
  if ((parameters['authentication'] ?? 'none') !== 'none') note('It signed in with credentials: choose a connection.');
  const input: Record<string, Json> = { method, url: text('url') };
  if (parameters['sendQuery']) input['query'] = pairsOf(work, parameters['queryParameters']);
  if (parameters['sendHeaders']) input['headers'] = pairsOf(work, parameters['headerParameters']);
  if (parameters['sendBody']) {
    const type = textOf(parameters['contentType']) || 'json';
    if (type === 'json' && parameters['specifyBody'] === 'json') {
      input['body'] = jsonOf(work, parameters['jsonBody'], 'Its body');
    } else if (type === 'json' || type === 'form-urlencoded') {
      if (type !== 'json') input['bodyType'] = 'form';
      input['body'] = pairsOf(work, parameters['bodyParameters']);
    } else {
      input['bodyType'] = 'text';
      input['body'] = value(parameters['body'] ?? '');
      if (type !== 'raw') note(`It sent ${type}: look at its body.`);
    }
  }
  return { kind: 'http.request', input, ports: out };
};

/** JSON that is written as a text, with expressions inside. */
const jsonOf = ({ value, note }: Work, given: unknown, what: string): Json => {
  const source = textOf(given);
  const whole = /^=\s*\{\{[\s\S]*\}\}\s*$/.test(source) ? value(`=${source.slice(1).trim()}`) : null;
  if (whole !== null) return whole;
  try {
    const parsed = JSON.parse(source.replace(/^=/, '')) as unknown;
    const begun = source.startsWith('=') ? asExpressions(parsed) : parsed;
    return value(begun);
  } catch {
    note(`${what} is no JSON by itself: look at it.`);
    return value(given);
  }
};

const asExpressions = (json: unknown): unknown => {
  if (typeof json === 'string') return `=${json}`;
  if (Array.isArray(json)) return json.map(asExpressions);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([name, each]) => [name, asExpressions(each)]));
};

const assignmentsSchema = z.object({ assignments: z.array(z.object({ name: z.string(), value: z.unknown() })) });
const oldValuesSchema = z.record(z.string(), z.array(z.object({ name: z.string(), value: z.unknown() })));

const set: Convert = ({ parameters, roots, value }) => {
  const recent = assignmentsSchema.safeParse(parameters['assignments'] ?? parameters['fields']);
  const old = oldValuesSchema.safeParse(parameters['values']);
  const given = recent.success ? recent.data.assignments : old.success ? Object.values(old.data).flat() : null;
  if (given === null) return null;
  const keeps = recent.success ? parameters['includeOtherFields'] === true : parameters['keepOnlySet'] !== true;
  return {
    kind: 'data.transform',
    input: {
      ...(keeps && roots.own !== null && { base: `{{ ${roots.own} }}` }),
      fields: Object.fromEntries(given.map((each) => [each.name, value(each.value)])),
    },
    ports: out,
  };
};

const condition: Convert = ({ parameters, value }) => {
  const read = readConditions(parameters);
  const converted = read && toCondition(read, value);
  if (converted === null) return null;
  return { kind: 'control.condition', input: { condition: converted }, ports: ['true', 'false'] };
};

const rulesSchema = z.object({ values: z.array(z.object({ conditions: z.unknown() })).min(1) });
const oldRulesSchema = z.object({ rules: z.array(z.object({ value2: z.unknown() })).min(1) });

const choice: Convert = ({ parameters, value }) => {
  const recent = rulesSchema.safeParse(parameters['rules']);
  const old = oldRulesSchema.safeParse(parameters['rules']);
  const compared = recent.success
    ? recent.data.values.map(({ conditions }) => {
        const read = readConditions({ conditions });
        const [first, ...others] = read?.compared ?? [];
        return first && others.length === 0 && ['equals', 'equal'].includes(first.operation) ? first : null;
      })
    : old.success
      ? old.data.rules.map(({ value2: right }) => ({ left: parameters['value1'], right }))
      : [];
  const [first] = compared;
  // One value that is looked at, in every rule: that is what a switch is here.
  if (!first || compared.some((each) => each === null || each.left !== first.left)) return null;
  const cases = compared.map((each, at) => ({ port: `case_${at + 1}`, equals: value(each?.right ?? '') }));
  return {
    kind: 'control.switch',
    input: { value: value(first.left), cases },
    ports: [...cases.map(({ port }) => port), 'default'],
  };
};

const units: Readonly<Record<string, string>> = { seconds: 's', minutes: 'm', hours: 'h', days: 'd' };

const wait: Convert = ({ parameters, text }) => {
  const resume = textOf(parameters['resume']) || 'timeInterval';
  if (resume === 'specificTime') {
    return { kind: 'control.waitUntil', input: { until: text('dateTime') }, ports: out };
  }
  const unit = units[textOf(parameters['unit']) || 'hours'];
  if (resume !== 'timeInterval' || unit === undefined) return null;
  return { kind: 'control.delay', input: { duration: `${numberOf(parameters['amount'], 1)}${unit}` }, ports: out };
};

const slack: Convert = ({ parameters, text, value }) => {
  const { resource = 'message', operation = 'post' } = parameters;
  if (resource !== 'message' || operation !== 'post') return null;
  const chosen = parameters['channelId'] ?? parameters['channel'];
  const channel = typeof chosen === 'object' && chosen !== null && 'value' in chosen ? chosen.value : chosen;
  return { kind: 'slack.postMessage', input: { channel: value(channel ?? ''), text: text('text') }, ports: out };
};

const email: Convert = ({ parameters, text }) => ({
  kind: 'email.send',
  input: {
    to: text(parameters['sendTo'] === undefined ? 'toEmail' : 'sendTo'),
    subject: text('subject'),
    text: text(parameters['message'] === undefined ? 'text' : 'message'),
    ...(typeof parameters['html'] === 'string' && { html: text('html') }),
  },
  ports: out,
});

const gmail: Convert = (work) => {
  const { parameters, note } = work;
  if ((parameters['operation'] ?? 'send') !== 'send') return null;
  note('It went through Gmail: here it goes through a mail server of your choice.');
  return email(work);
};

const respond: Convert = (work) => {
  const { parameters, value } = work;
  const options = parameters['options'];
  const status =
    typeof options === 'object' && options !== null && 'responseCode' in options ? options.responseCode : 200;
  const body = parameters['responseBody'];
  return {
    kind: 'control.respond',
    input: {
      status: value(status),
      ...(body !== undefined && {
        body: parameters['respondWith'] === 'text' ? value(body) : jsonOf(work, body, 'Its answer'),
      }),
    },
    ports: out,
  };
};

const code: Convert = ({ parameters, roots, note }) => {
  const source = textOf(parameters['jsCode'] ?? parameters['functionCode']);
  if (source === '' || (parameters['language'] ?? 'javaScript') !== 'javaScript') return null;
  note('Its code was written for n8n’s items. It runs on one value here: read it before you publish.');
  return {
    kind: 'code.run',
    input: {
      code: `const item = { json: input };
const [$json, items] = [input, [item]];
const $input = { item, first: () => item, last: () => item, all: () => items };
const given = await (async () => {
${source}
})();
const values = [given ?? []].flat().map((each) => each?.json ?? each);
return values.length === 1 ? values[0] : values;
`,
      input: roots.own === null ? {} : `{{ ${roots.own} }}`,
    },
    ports: out,
  };
};

const manual: Convert = () => ({ kind: 'trigger.manual', input: {}, ports: out });

const conversions: Readonly<Record<string, Convert>> = {
  manualTrigger: manual,
  start: manual,
  executeWorkflowTrigger: manual,
  webhook,
  scheduleTrigger: schedule,
  httpRequest,
  set,
  if: condition,
  filter: (work) => {
    const converted = condition(work);
    return converted && { ...converted, ports: ['true'] };
  },
  switch: choice,
  merge: () => ({ kind: 'control.merge', input: { join: 'all' }, ports: out }),
  noOp: () => ({ kind: 'control.parallel', input: {}, ports: out }),
  wait,
  slack,
  emailSend: email,
  gmail,
  respondToWebhook: respond,
  stopAndError: ({ text }) => ({
    kind: 'control.stop',
    input: { outcome: 'failed', value: text('errorMessage') },
    ports: [],
  }),
  code,
  function: code,
};

const unknownKind = (node: N8nNode): string => {
  const name = typeOf(node).replaceAll(/[^a-zA-Z0-9]/g, '');
  return `n8n.${/^[a-z]/i.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : `node${name}`}`;
};

/** A node of n8n as a step of ours. What has no equal stays as a step of an unknown kind, for somebody to replace. */
export const convertNode = (node: N8nNode, { roots, timeZone }: ConvertTools): Converted => {
  const notes: string[] = [];
  const note = (words: string): void => void notes.push(words);
  const value = (given: unknown): Json => {
    if (typeof given === 'string') {
      const { text, left } = translateText(given, roots);
      for (const each of left) note(`Left as words: ${each.slice(0, 200)}`);
      return text;
    }
    if (Array.isArray(given)) return given.map(value);
    if (typeof given === 'object' && given !== null) {
      return Object.fromEntries(Object.entries(given).map(([name, each]) => [name, value(each)]));
    }
    return typeof given === 'number' || typeof given === 'boolean' ? given : null;
  };
  const { parameters } = node;
  const text = (name: string): Json => value(textOf(parameters[name]));
  const type = typeOf(node);
  const convert = Object.hasOwn(conversions, type) ? conversions[type] : undefined;
  const converted = convert?.({ node, parameters, roots, timeZone, value, text, note }) ?? null;
  if (converted) return { ...converted, notes };
  return {
    kind: unknownKind(node),
    input: {},
    ports: out,
    notes: [`There is no step for ${type} as it is set up there. Its place is kept: put other steps there.`],
  };
};
