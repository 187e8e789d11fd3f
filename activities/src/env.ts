import * as z from 'zod';

const port = (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback);

const demoEnvSchema = z.object({
  EVERWAVE_HOST: z.string().min(1).default('127.0.0.1'),
  EVERWAVE_DEMO_MAIL_PORT: port(3003),
  EVERWAVE_DEMO_SMTP_PORT: port(3004),
  EVERWAVE_DEMO_SLACK_PORT: port(3005),
  EVERWAVE_DEMO_HTTP_PORT: port(3006),
  EVERWAVE_DEMO_OPENAI_PORT: port(3007),
  EVERWAVE_DEMO_ANTHROPIC_PORT: port(3008),
  EVERWAVE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface DemoEnv {
  readonly host: string;
  readonly mailPort: number;
  readonly smtpPort: number;
  readonly slackPort: number;
  readonly httpPort: number;
  readonly openAiPort: number;
  readonly anthropicPort: number;
  readonly logLevel: string;
}

/** Reads the demo's settings. Throws an `Error` whose message lists every setting that is wrong. */
export const readDemoEnv = (source: Readonly<Record<string, string | undefined>> = process.env): DemoEnv => {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = demoEnvSchema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new Error(`The demo cannot start with these settings:\n${lines.join('\n')}`);
  }
  const env = parsed.data;
  return {
    host: env.EVERWAVE_HOST,
    mailPort: env.EVERWAVE_DEMO_MAIL_PORT,
    smtpPort: env.EVERWAVE_DEMO_SMTP_PORT,
    slackPort: env.EVERWAVE_DEMO_SLACK_PORT,
    httpPort: env.EVERWAVE_DEMO_HTTP_PORT,
    openAiPort: env.EVERWAVE_DEMO_OPENAI_PORT,
    anthropicPort: env.EVERWAVE_DEMO_ANTHROPIC_PORT,
    logLevel: env.EVERWAVE_LOG_LEVEL,
  };
};
