import { inspect, stripVTControlCharacters } from 'node:util';

const styles = { dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;
type Style = keyof typeof styles;
export type Paint = (style: Style, text: string) => string;

/** Colours for a terminal; plain text elsewhere and where NO_COLOR is set (https://no-color.org). */
export const createPaint = (isTerminal: boolean, environment: NodeJS.ProcessEnv): Paint =>
  isTerminal && !environment['NO_COLOR']
    ? (style, text) => `\u001b[${styles[style]}m${text}\u001b[0m`
    : (_style, text) => text;

const serviceStyles: Readonly<Record<string, Style>> = {
  api: 'cyan',
  worker: 'magenta',
  web: 'blue',
  demo: 'green',
  temporal: 'dim',
  postgres: 'dim',
};
const prefixWidth = 9;
/** Fields that say nothing on a screen that shows one machine. */
const hidden = new Set(['level', 'time', 'ts', 'service', 'message', 'msg', 'pid', 'hostname', 'v', 'logging-call-at']);

/** One line of a process's log, made readable: time, who, message, attributes. Lines that are no JSON are shown as they are. */
export const renderLog = (service: string, line: string, paint: Paint, now: () => Date): string => {
  const prefix = paint(serviceStyles[service] ?? 'dim', service.padEnd(prefixWidth));
  const entry = parseEntry(line);
  if (!entry) return `${paint('dim', clock(now()))} ${prefix}${harmless(line)}`;
  const at = new Date(String(entry['time'] ?? entry['ts']));
  const time = clock(Number.isNaN(at.getTime()) ? now() : at);
  return `${paint('dim', time)} ${prefix}${leveled(entry, paint)}${attributes(entry, paint)}`;
};

/** What a process said about its end, as a sentence: what a person is told. */
export const lastWords = (lines: readonly string[]): string | null => {
  const said = lines.findLast((line) => /^\w*Error: /.test(line)) ?? lines.findLast((line) => line.trim() !== '');
  const entry = said === undefined ? null : parseEntry(said);
  if (!entry) return said?.trim() ?? null;
  const { error, err } = entry as { error?: { message?: string }; err?: { message?: string } };
  return [messageOf(entry), error?.message ?? err?.message].filter(Boolean).join(': ');
};

const parseEntry = (line: string): Record<string, unknown> | null => {
  if (!line.startsWith('{')) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
};

const numbers: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
const levelOf = (entry: Record<string, unknown>): string => {
  const { level } = entry;
  return typeof level === 'number' ? (numbers[level] ?? 'info') : (asText(level) ?? 'info').toLowerCase();
};

const messageOf = (entry: Record<string, unknown>): string =>
  harmless(asText(entry['message']) ?? asText(entry['msg']) ?? '');

const asText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const leveled = (entry: Record<string, unknown>, paint: Paint): string => {
  const message = messageOf(entry);
  const level = levelOf(entry);
  if (level === 'warn') return paint('yellow', `warning: ${message}`);
  if (level === 'error' || level === 'fatal') return paint('red', `${level}: ${message}`);
  return message;
};

const attributes = (entry: Record<string, unknown>, paint: Paint): string => {
  const shown = Object.entries(entry).filter(([name]) => !hidden.has(name));
  return shown.map(([name, value]) => ` ${paint('dim', `${name}=`)}${toText(value)}`).join('');
};

const toText = (value: unknown): string => {
  if (typeof value === 'string') return harmless(/\s/.test(value) ? JSON.stringify(value) : value);
  const { message } = (value ?? {}) as { message?: unknown };
  if (typeof message === 'string') return harmless(JSON.stringify(message));
  return inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 3, maxStringLength: 300 });
};

/** A log repeats words of other people's services: what a terminal would obey is taken out, colours included. */
const harmless = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  stripVTControlCharacters(text).replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\u{fffd}');

const clock = (date: Date): string => date.toTimeString().slice(0, 8);
