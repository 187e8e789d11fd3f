import { delimiter, dirname } from 'node:path';
import { freePort } from '../lib/ports.ts';
import { portNames, type PortName, type Settings } from './env.ts';

/** Gives every port that was left open (0) a number. */
export const choosePorts = async (settings: Settings): Promise<Settings> => {
  const chosen: Partial<Record<PortName, number>> = {};
  for (const name of portNames) chosen[name] = settings.ports[name] || (await anotherPort(Object.values(chosen)));
  return { ...settings, ports: chosen as Record<PortName, number> };
};

const anotherPort = async (taken: readonly number[]): Promise<number> => {
  for (;;) {
    const port = await freePort();
    if (!taken.includes(port)) return port;
  }
};

const isWildcard = (host: string): boolean => ['0.0.0.0', '::'].includes(host);

export interface Addresses {
  readonly web: string;
  readonly api: string;
  readonly mail: string;
  /** Where this machine reaches what listens on the host setting. */
  readonly local: (name: PortName) => string;
}

export const addressesOf = ({ host, ports, url, apiUrl }: Settings): Addresses => {
  const wildcard = isWildcard(host);
  const bracket = (name: string) => (name.includes(':') ? `[${name}]` : name);
  const local = (name: PortName) => `http://${wildcard ? '127.0.0.1' : bracket(host)}:${ports[name]}`;
  const seen = wildcard && url ? new URL(url).hostname : bracket(host);
  return {
    web: url ?? `http://${seen}:${ports.EVERWAVE_WEB_PORT}`,
    api: apiUrl ?? `http://${seen}:${ports.EVERWAVE_API_PORT}`,
    mail: `http://${seen}:${ports.EVERWAVE_DEMO_MAIL_PORT}`,
    local,
  };
};

export interface Services {
  readonly databaseUrl: string;
  /** host:port */
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | null;
  /** null when the environment names the key itself. */
  readonly secretKeyFile: string | null;
}

/** What every process of the product is started with. */
export const environmentOf = (settings: Settings, services: Services): NodeJS.ProcessEnv => {
  const addresses = addressesOf(settings);
  const { ports, variables } = settings;
  const ownNode = dirname(process.execPath);
  return {
    ...variables,
    PATH: [ownNode, variables['PATH']].filter(Boolean).join(delimiter),
    NODE_ENV: 'production',
    ...Object.fromEntries(portNames.map((name) => [name, String(ports[name])])),
    EVERWAVE_DATA: settings.dataFolder,
    EVERWAVE_HOST: settings.host,
    EVERWAVE_URL: addresses.web,
    EVERWAVE_API_URL: addresses.api,
    EVERWAVE_API_INTERNAL_URL: addresses.local('EVERWAVE_API_PORT'),
    EVERWAVE_DEMO: settings.demo ? '1' : '0',
    EVERWAVE_EGRESS_ALLOW: [settings.egressAllow, ...demoTargets(settings)].filter(Boolean).join(','),
    DATABASE_URL: services.databaseUrl,
    TEMPORAL_ADDRESS: services.temporalAddress,
    TEMPORAL_NAMESPACE: settings.temporalNamespace,
    TEMPORAL_UI_URL: services.temporalUiUrl ?? '',
    ...(services.secretKeyFile === null ? {} : { EVERWAVE_SECRET_KEY_FILE: services.secretKeyFile }),
  };
};

/** Private addresses are closed to connections; the demo's own servers are opened one by one. */
const demoTargets = ({ demo, host, ports }: Settings): string[] => {
  if (!demo) return [];
  const at = isWildcard(host) ? '127.0.0.1' : host;
  return [
    ports.EVERWAVE_DEMO_SMTP_PORT,
    ports.EVERWAVE_DEMO_SLACK_PORT,
    ports.EVERWAVE_DEMO_HTTP_PORT,
    ports.EVERWAVE_DEMO_OPENAI_PORT,
    ports.EVERWAVE_DEMO_ANTHROPIC_PORT,
  ].map((port) => `${at}:${port}`);
};
