import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { projectFolder } from '../scripts/lib/folders.ts';
import { type OtlpReceiver, startOtlpReceiver } from '../temporal/src/testing/otlp-receiver.ts';
import {
  alerts,
  dashboards,
  dataSourceUids,
  expressions,
  familyOf,
  records,
  scrapeJobs,
  seriesIn,
} from './monitoring-files.ts';
import { type OrderFlow, publishOrderFlow } from './order-flow.ts';
import { type OutsideWorld, startOutsideWorld } from './outside-world.ts';
import { type LiveProduct, startLiveProduct } from './product.ts';

// What an operator's tools see of the real product: log lines, series, traces, and the files in ops/ that use them.
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const token = 'token-of-the-monitoring-test';

let receiver: OtlpReceiver;
let world: OutsideWorld;
let product: LiveProduct;
let flow: OrderFlow;
let runId: string;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  world = await startOutsideWorld();
  product = await startLiveProduct(world.egressAllow, {
    variables: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      EVERWAVE_METRICS_TOKEN: token,
      EVERWAVE_LOG_LEVEL: 'debug',
    },
  });
  flow = await publishOrderFlow(product, world, '0s');
  const delivered = await fetch(flow.hook, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-request-id': 'monitoring-request-1',
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
    },
    body: JSON.stringify({ orderId: 'A-1', customerId: 'c_7' }),
  });
  ({ runId } = z.object({ runId: z.string() }).parse(await delivered.json()));
  await product.waitFor(runId, 'succeeded', ({ status }) => status === 'succeeded');
  await fetch(product.webUrl, { headers: { 'x-request-id': 'monitoring-request-2' } });
}, 300_000);

afterAll(async () => {
  await product?.stop();
  await world?.close();
  receiver?.close();
}, 60_000);

const scrape = async (url: string): Promise<string> => {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return answer.text();
};
const familiesIn = (text: string): string[] => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = '']) => name);

describe('the series', () => {
  it('are for those with the token alone, in every process', async () => {
    for (const url of [product.apiUrl, product.webUrl, product.workerUrl]) {
      expect((await fetch(`${url}/metrics`)).status, url).toBe(403);
    }
  });

  it('exist for every name that a rule or a dashboard uses', async () => {
    const texts = await Promise.all([product.apiUrl, product.webUrl, product.workerUrl].map(scrape));
    const families = new Set(texts.flatMap(familiesIn));
    const recorded = new Set(records.map(({ record }) => record));
    // Shown by the Temporal core once there has been one: nobody fails a workflow task here.
    const afterTrouble = new Set(['temporal_workflow_task_execution_failed_total']);
    const used = expressions.flatMap(({ at, expr }) => seriesIn(expr).map((name) => ({ at, name })));
    expect(used.length).toBeGreaterThan(60);
    const missing = used.filter(
      ({ name }) => !families.has(familyOf(name, families)) && !recorded.has(name) && !afterTrouble.has(name),
    );
    expect(missing).toEqual([]);
  });

  it('count what happened: requests, runs, attempts, starts, the Temporal core’s own', async () => {
    const [api, worker] = await Promise.all([scrape(product.apiUrl), scrape(product.workerUrl)]);
    expect(api).toMatch(
      /^everwave_http_request_duration_seconds_count\{method="POST",route="\/hooks\/:token",status="202"\} 1$/m,
    );
    expect(api).toMatch(/^everwave_run_starts_total\{outcome="started"\} [1-9]/m);
    expect(api).toMatch(/^everwave_task_queue_pollers\{queue="flow",kind="activity"\} [1-9]/m);
    expect(worker).toContain(`everwave_run_transitions_total{status="succeeded",flow="${flow.flowId}"} 1`);
    expect(worker).toMatch(/^everwave_attempts_total\{activity="email\.send@\d+",status="succeeded"\} 1$/m);
    expect(worker).toMatch(/^everwave_run_duration_seconds_count\{status="succeeded"\} 1$/m);
    expect(worker).toMatch(/^temporal_workflow_completed_total\{.*\} [1-9]/m);
    for (const text of [api, worker]) expect(text).not.toContain(runId);
  });
});

describe('the files in ops/', () => {
  it('name a data source, jobs, runbooks and services that exist', () => {
    expect(dashboards.map(({ uid }) => uid)).toEqual([
      'everwave-api',
      'everwave-overview',
      'everwave-processes',
      'everwave-worker',
    ]);
    for (const { panels } of dashboards) {
      for (const { datasource } of panels) expect(dataSourceUids).toContain(datasource.uid);
    }
    const jobs = expressions.flatMap(({ expr }) => [...expr.matchAll(/\bjob="([^"]+)"/g)].map(([, job = '']) => job));
    expect([...new Set(jobs)].filter((job) => !scrapeJobs.includes(job))).toEqual([]);
    for (const { alert, annotations } of alerts) {
      const [file = '', section = ''] = annotations.runbook.split('#');
      const headings = readFileSync(join(projectFolder, file), 'utf8').matchAll(/^#+ (.+)$/gm);
      const sections = [...headings].map(([, heading = '']) => heading.toLowerCase().replaceAll(' ', '-'));
      expect(sections, `${alert}: ${annotations.runbook}`).toContain(section);
    }
  });

  it('have an alert for every critical service, and the table of docs/observability.md names each alert', () => {
    const critical = alerts.filter(({ labels }) => labels.severity === 'critical');
    for (const service of ['api', 'worker', 'web', 'postgres', 'temporal']) {
      expect(
        critical.some(({ labels }) => labels.service === service),
        service,
      ).toBe(true);
    }
    const table = readFileSync(join(projectFolder, 'docs/observability.md'), 'utf8');
    expect(alerts.map(({ alert }) => alert).filter((alert) => !table.includes(`\`${alert}\``))).toEqual([]);
  });
});

it('is one trace from the sender through the api to every attempt of the run', async () => {
  const inTrace = () => receiver.spans.filter((span) => span.traceId === traceId);
  const attempts = ['http.request@1', 'email.send@1', 'slack.postMessage@1'];
  await expect
    .poll(() => inTrace().map(({ name }) => name), { timeout: 20_000 })
    .toEqual(expect.arrayContaining(['POST /hooks/:token', 'start run', ...attempts]));
  const find = (wanted: string) => inTrace().find(({ name }) => name === wanted);
  const request = find('POST /hooks/:token');
  const start = find('start run');
  expect(request).toMatchObject({ service: 'everwave-api', parentSpanId: '00f067aa0ba902b7' });
  expect(start).toMatchObject({ service: 'everwave-api', parentSpanId: request?.spanId });
  for (const activity of attempts) {
    expect(find(activity)).toMatchObject({
      service: 'everwave-worker',
      parentSpanId: start?.spanId,
      attributes: {
        'everwave.run.id': runId,
        'everwave.org.id': expect.stringMatching(/^org_/),
        'everwave.step.path': expect.stringMatching(/^(customer|email|slack)$/),
        'everwave.step.attempt': '1',
        'everwave.request.id': 'monitoring-request-1',
      },
    });
  }
});

it('is a line of JSON with level, time, service and message, whatever any process says, with the ids it knows', async () => {
  const folder = join(product.dataFolder, 'logs');
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(['api.log', 'demo.log', 'web.log', 'worker.log']));
  const line = z.looseObject({
    level: z.enum(['debug', 'info', 'warn', 'error', 'fatal']),
    time: z.iso.datetime(),
    service: z.string(),
    message: z.string().min(1),
  });
  const linesOf = (service: string) =>
    readFileSync(join(folder, `${service}.log`), 'utf8')
      .split('\n')
      .filter((text) => text !== '')
      .map((text) => line.parse(JSON.parse(text)));
  const all = Object.fromEntries(['api', 'demo', 'web', 'worker'].map((service) => [service, linesOf(service)]));
  for (const [service, lines] of Object.entries(all)) {
    expect(lines.length, service).toBeGreaterThan(0);
    expect(new Set(lines.map((found) => found.service))).toEqual(new Set([service]));
  }
  const ids = { requestId: 'monitoring-request-1', orgId: expect.stringMatching(/^org_/), runId };
  expect(all['api']).toContainEqual(expect.objectContaining({ ...ids, message: 'run started' }));
  expect(all['worker']).toContainEqual(expect.objectContaining({ ...ids, message: 'run begins' }));
  const attempt = {
    ...ids,
    message: 'attempt succeeded',
    path: 'email',
    activity: 'email.send@1',
    attempt: 1,
    traceId,
  };
  expect(all['worker']).toContainEqual(expect.objectContaining(attempt));
  expect(all['web']).toContainEqual(expect.objectContaining({ requestId: 'monitoring-request-2' }));
});

describe('when something stops', () => {
  /** What Prometheus would note as `up` for this job. */
  const upOf = async (job: string): Promise<number> => {
    const urls: Record<string, string> = { 'everwave-api': product.apiUrl, 'everwave-web': product.webUrl };
    const url = urls[job] ?? product.workerUrl;
    return fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } }).then(
      ({ ok }) => (ok ? 1 : 0),
      () => 0,
    );
  };

  // The expression itself is tried by promtool in ops/prometheus/rules.test.yaml; here the sample it reads is a real one.
  it('the sample that the alert of a stopped worker reads turns to 0, and that of no other service', async () => {
    const rule = alerts.find(({ alert }) => alert === 'EverwaveWorkerDown');
    expect(rule?.expr).toBe('sum(up{job="everwave-worker"}) == 0 or absent(up{job="everwave-worker"})');
    expect(await upOf('everwave-worker')).toBe(1);
    const held = product.hold('worker');
    try {
      await expect.poll(() => upOf('everwave-worker'), { timeout: 30_000 }).toBe(0);
      expect(await upOf('everwave-api')).toBe(1);
      expect(await upOf('everwave-web')).toBe(1);
    } finally {
      held.release();
    }
    await expect.poll(() => upOf('everwave-worker'), { timeout: 60_000 }).toBe(1);
  });

  it('api and worker say that they are not ready without Temporal, and are ready again with it', async () => {
    const readiness = async (url: string) => (await fetch(`${url}/readyz`).catch(() => null))?.status;
    const held = product.hold('temporal');
    try {
      await expect.poll(() => readiness(product.apiUrl), { timeout: 30_000 }).toBe(503);
      await expect.poll(() => readiness(product.workerUrl), { timeout: 30_000 }).toBe(503);
      expect(await scrape(product.apiUrl)).toContain('everwave_dependency_up{dependency="temporal"} 0');
    } finally {
      held.release();
    }
    await expect.poll(() => readiness(product.apiUrl), { timeout: 90_000 }).toBe(200);
    await expect.poll(() => readiness(product.workerUrl), { timeout: 90_000 }).toBe(200);
  });
});
