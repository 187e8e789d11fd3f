import { portProblem } from '../lib/ports.ts';
import { Refusal } from '../lib/refusal.ts';
import type { PortName, Settings } from './env.ts';

interface Listener {
  readonly what: string;
  readonly host: string;
}

/** Who will listen where, by the setting that moves it. External Postgres and Temporal need no port of ours. */
export const plannedListeners = (settings: Settings): ReadonlyMap<PortName, Listener> => {
  const { host } = settings;
  const loopback = '127.0.0.1';
  const all: readonly (readonly [PortName, string, string, boolean])[] = [
    ['EVERWAVE_WEB_PORT', 'the web', host, true],
    ['EVERWAVE_API_PORT', 'the api', host, true],
    ['EVERWAVE_WORKER_PORT', "the worker's health page", host, true],
    ['EVERWAVE_DEMO_MAIL_PORT', "the mail catcher's page", host, settings.demo],
    ['EVERWAVE_DEMO_SMTP_PORT', 'the mail catcher', host, settings.demo],
    ['EVERWAVE_DEMO_SLACK_PORT', "the demo's Slack", host, settings.demo],
    ['EVERWAVE_DEMO_HTTP_PORT', "the demo's HTTP API", host, settings.demo],
    ['EVERWAVE_DEMO_OPENAI_PORT', "the demo's OpenAI", host, settings.demo],
    ['EVERWAVE_DEMO_ANTHROPIC_PORT', "the demo's Anthropic", host, settings.demo],
    ['EVERWAVE_POSTGRES_PORT', 'Postgres', loopback, settings.databaseUrl === null],
    ['EVERWAVE_TEMPORAL_PORT', 'Temporal', loopback, settings.temporal === null],
    ['EVERWAVE_TEMPORAL_UI_PORT', 'the Temporal UI', loopback, settings.temporal === null],
  ];
  return new Map(all.filter(([, , , needed]) => needed).map(([name, what, at]) => [name, { what, host: at }]));
};

/** One sentence per port that cannot be used. */
export const findTakenPorts = async (settings: Settings): Promise<string[]> => {
  const sentences: string[] = [];
  for (const [name, { what, host }] of plannedListeners(settings)) {
    const port = settings.ports[name];
    const problem = port === 0 ? null : await portProblem(host, port);
    if (problem === null) continue;
    sentences.push(
      problem === 'EADDRINUSE'
        ? `Port ${port}, where ${what} should listen, is taken by another program. Stop it, or set ${name} to a free port.`
        : `Port ${port} on ${host}, where ${what} should listen, cannot be used (${problem}). Correct ${name} or EVERWAVE_HOST.`,
    );
  }
  return sentences;
};

export const checkPorts = async (settings: Settings): Promise<void> => {
  const [first] = await findTakenPorts(settings);
  if (first) throw new Refusal(first);
};
