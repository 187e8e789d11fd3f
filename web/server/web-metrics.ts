import { availableParallelism, totalmem } from 'node:os';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface WebMetrics {
  /** Prometheus text. */
  read(): Promise<string>;
  /** Counts an answered request by what answers there; the path itself may hold an id and is not kept. */
  answered(
    request: { readonly method: string; readonly path: string; readonly status: number },
    milliseconds: number,
  ): void;
}

/** The same names as the other processes use, so that one dashboard and one rule fit all. */
export const createWebMetrics = (version: string): WebMetrics => {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, value: number) => new Gauge({ name, help, registers }).set(value);
  const limit = process.constrainedMemory();
  gauge('everwave_process_cpu_cores', 'Processor cores that this process may use.', availableParallelism());
  gauge(
    'everwave_process_memory_limit_bytes',
    "Memory that this process may use: its control group's limit, or the machine's memory.",
    limit > 0 && limit < totalmem() ? limit : totalmem(),
  );
  new Gauge({
    name: 'everwave_build_info',
    help: 'Always 1; the label says which release runs.',
    labelNames: ['version'],
    registers,
  }).set({ version }, 1);
  const requests = new Histogram({
    name: 'everwave_http_request_duration_seconds',
    help: 'Time from a request to its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5],
    registers,
  });
  return {
    read: () => registry.metrics(),
    answered: ({ method, path, status }, milliseconds) =>
      requests.observe(
        { method: knownMethods.has(method) ? method : 'other', route: routeOf(path), status },
        milliseconds / 1_000,
      ),
  };
};

/** Node's parser takes some thirty methods; each would be a series of its own. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const routes: readonly (readonly [string, RegExp])[] = [
  ['api', /^\/(v1|auth)(\/|$)/],
  ['health', /^\/(healthz|readyz|metrics)$/],
  ['pages', /\.data$/],
  ['files', /\.\w+$/],
];

/** Who answers at an address: the api behind us, a built file, or a page. */
const routeOf = (address: string): string => {
  const [path = '/'] = address.split('?', 1);
  return routes.find(([, pattern]) => pattern.test(path))?.[0] ?? 'pages';
};
