/** Field names whose values never reach a log, wherever in the first three levels of a line they stand. */
export const redactedFields = [
  'accessToken',
  'apiKey',
  'authorization',
  'clientSecret',
  'cookie',
  'databaseUrl',
  'password',
  'privateKey',
  'refreshToken',
  'secret',
  'secretKey',
  'set-cookie',
  'token',
  'x-api-key',
] as const;

export const redacted = '[redacted]';

// Each match ends before a quote, a backslash or a space: what it replaces never breaks the line's JSON.
const secretsInText: readonly (readonly [RegExp, string])[] = [
  [/(\w:\/\/)[^\s"'\\/@]+@/g, `$1${redacted}@`],
  [/\b(bearer|basic) +[\w.~+/=-]{8,}/gi, `$1 ${redacted}`],
  [/(\/hooks\/)[\w-]{8,}/g, `$1${redacted}`],
];

/** Takes out what is recognisably secret inside text: passwords in addresses, bearer tokens, the tokens of webhooks. */
export const redactText = (text: string): string =>
  secretsInText.reduce((clean, [pattern, instead]) => clean.replaceAll(pattern, instead), text);

const pathsOf = (name: string): string[] => {
  const quoted = JSON.stringify(name);
  return [`[${quoted}]`, `*[${quoted}]`, `*.*[${quoted}]`];
};

/** Only these fields: an error's own ones (request, response, details) may hold a value that belongs to somebody. */
const toPlainError = (error: unknown): unknown => {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error ? { code: error.code } : {};
  return { name, message, ...code, stack, ...(cause === undefined ? {} : { cause: toPlainError(cause) }) };
};

/**
 * Options for pino that every process uses: one JSON object per line with `level`, `time` (ISO 8601, UTC), `service`,
 * `message`, and attributes. docs/observability.md describes the lines to whoever reads them.
 */
export const logFormat = <Level extends string>({
  service,
  level,
}: {
  readonly service: string;
  readonly level: Level;
}) => ({
  level,
  base: { service },
  messageKey: 'message',
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (label: string) => ({ level: label }) },
  serializers: { error: toPlainError, err: toPlainError },
  redact: { paths: redactedFields.flatMap(pathsOf), censor: redacted },
  hooks: { streamWrite: redactText },
});
