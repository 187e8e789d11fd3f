import { startTracing, type Tracing } from '@everwave/temporal/tracing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../../temporal/src/testing/otlp-receiver.ts';
import { webhookFlow } from './testing/graphs.ts';
import { callWith, createTestApi, type TestApi } from './testing/test-api.ts';

let api: TestApi;
let receiver: OtlpReceiver;
let tracing: Tracing;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
  api = await createTestApi();
  tracing = await startTracing({ service: 'api', version: '1', isOn: true, log: api.dependencies.log });
});
afterAll(async () => {
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  receiver.close();
  await api.close();
});

it('keeps a delivery, its run and the start of its workflow in the sender’s trace', async () => {
  const developer = await (await api.createOrg()).as('developer');
  const { id } = (await developer('POST /v1/flows', { name: 'Orders', graph: webhookFlow() })).body;
  await developer(`POST /v1/flows/${id}/publish`);
  const [{ url }] = (await developer(`GET /v1/flows/${id}`)).body.triggers;
  const hook = new URL(url).pathname;

  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const delivered = await callWith(api.app)(`POST ${hook}`, { key: 'a-value' }, { traceparent });
  expect(delivered.status).toBe(202);
  await api.dispatch();
  await callWith(api.app)('GET /healthz');
  await tracing.stop();

  const spans = receiver.spans.filter((span) => span.traceId === traceId);
  expect(spans.map(({ name }) => name).toSorted()).toEqual(['POST /hooks/:token', 'start run']);
  const request = spans.find(({ name }) => name === 'POST /hooks/:token');
  const start = spans.find(({ name }) => name === 'start run');
  expect(request).toMatchObject({
    parentSpanId: '00f067aa0ba902b7',
    attributes: { 'http.route': '/hooks/:token', 'http.response.status_code': '202' },
  });
  expect(start).toMatchObject({
    parentSpanId: request?.spanId,
    attributes: { 'everwave.run.id': delivered.body.runId, 'everwave.flow.id': id },
  });
  const [input] = api.temporal.started;
  expect(input?.run.traceparent).toBe(`00-${traceId}-${start?.spanId}-01`);

  const everything = JSON.stringify(receiver.spans);
  expect(everything).toContain('POST /v1/flows/{flowId}/publish'.replace('{flowId}', ':flowId'));
  for (const hidden of [hook, 'a-value', 'healthz']) expect(everything).not.toContain(hidden);
  const line = api.logLines.map((text) => JSON.parse(text)).find(({ message }) => message === 'run started');
  expect(line).toMatchObject({ runId: delivered.body.runId, requestId: expect.any(String) });
});
