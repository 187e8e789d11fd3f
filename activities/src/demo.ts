import { logFormat } from '@everwave/schema/observe';
import { pino } from 'pino';
import { startAnthropicFake } from './connectors/anthropic/fake.ts';
import { startMailFake } from './connectors/email/fake.ts';
import { startHttpFake } from './connectors/http/fake.ts';
import { startOpenAiFake } from './connectors/openai/fake.ts';
import { startSlackFake } from './connectors/slack/fake.ts';
import { readDemoEnv } from './env.ts';
import type { RunningFake } from './fakes/serve-fake.ts';

/** The demo's outside world: a mail catcher, a Slack, a customer API and two sellers of language models, on the ports of the environment. */
const running: RunningFake[] = [];
const closeAll = () => Promise.all(running.map((fake) => fake.close()));
const log = pino(logFormat({ service: 'demo', level: 'info' }));

const stop = async (signal: string): Promise<void> => {
  log.info({ signal }, 'demo is stopping');
  await closeAll();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));

const keep = async <Fake extends RunningFake>(starting: Promise<Fake>): Promise<Fake> => {
  const fake = await starting;
  running.push(fake);
  return fake;
};

try {
  const { host, ...ports } = readDemoEnv();
  log.level = ports.logLevel;
  const mail = await keep(startMailFake({ host, port: ports.mailPort, smtpPort: ports.smtpPort }));
  const slack = await keep(startSlackFake({ host, port: ports.slackPort }));
  const http = await keep(startHttpFake({ host, port: ports.httpPort }));
  const openai = await keep(startOpenAiFake({ host, port: ports.openAiPort }));
  const anthropic = await keep(startAnthropicFake({ host, port: ports.anthropicPort }));
  log.info(
    {
      mail: mail.url,
      smtp: `${host}:${mail.smtpPort}`,
      slack: slack.url,
      http: http.url,
      openai: openai.url,
      anthropic: anthropic.url,
    },
    'demo is ready',
  );
} catch (error) {
  log.fatal(error instanceof Error ? error.message : String(error));
  await closeAll();
  process.exitCode = 1;
}
