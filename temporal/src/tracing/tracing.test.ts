import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../testing/otlp-receiver.ts';
import { createLogger } from '../logger.ts';
import { currentTraceparent, inSpan, startTracing, type Tracing } from './tracing.ts';

const lines: string[] = [];
const log = createLogger({ service: 'api', level: 'info', write: (line) => void lines.push(line) });
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const options = { kind: 'server', parent, attributes: { 'everwave.run.id': 'run_1' } } as const;

describe('without an endpoint', () => {
  it('does the work, traces nothing, and puts nothing into log lines', async () => {
    const tracing = await startTracing({ service: 'api', version: '1', isOn: false, log });
    expect(await inSpan('work', options, async () => currentTraceparent())).toBe(null);
    log.info('quiet');
    expect(JSON.parse(lines.at(-1) ?? '')).not.toHaveProperty('traceId');
    await tracing.stop();
  });
});

describe('with an endpoint', () => {
  let receiver: OtlpReceiver;
  let tracing: Tracing;
  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    // The exporter reads the standard's own variable.
    process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = receiver.url;
    tracing = await startTracing({ service: 'api', version: '1.2.3', isOn: true, log });
  });
  afterAll(() => {
    delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
    receiver.close();
  });

  it('goes on with the trace it is given, hands it on, and exports it as protobuf', async () => {
    let handedOn: string | null = null;
    await inSpan('POST /hooks/:token', options, async () => {
      handedOn = currentTraceparent();
      log.info('inside');
    });
    await expect(
      inSpan('start run', { kind: 'producer', parent: handedOn, attributes: {} }, async () => {
        throw Object.assign(new Error('the secret message'), { type: 'temporal_away' });
      }),
    ).rejects.toThrow();
    for (const broken of [
      '',
      '00-zz-1-01',
      parent.replace('0af', '0AF'),
      `ff${parent.slice(2)}`,
      parent.replace(/-0af.{29}/, `-${'0'.repeat(32)}`),
    ]) {
      await inSpan('alone', { kind: 'server', parent: broken, attributes: {} }, async () => {});
    }
    await tracing.stop();

    const [request, start, ...alone] = receiver.spans;
    expect(request).toMatchObject({
      service: 'everwave-api',
      name: 'POST /hooks/:token',
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
      attributes: { 'everwave.run.id': 'run_1' },
    });
    expect(handedOn).toBe(`00-${request?.traceId}-${request?.spanId}-01`);
    expect(start).toMatchObject({ traceId: request?.traceId, parentSpanId: request?.spanId, statusCode: 2 });
    expect(start?.attributes).toMatchObject({ 'error.type': 'temporal_away' });
    expect(JSON.stringify(receiver.spans)).not.toContain('the secret message');
    expect(alone).toHaveLength(5);
    expect(alone.every(({ parentSpanId }) => parentSpanId === '')).toBe(true);
    expect(new Set(alone.map(({ traceId }) => traceId)).size).toBe(5);
    expect(JSON.parse(lines.find((line) => line.includes('"inside"')) ?? '')).toMatchObject({
      traceId: request?.traceId,
      spanId: request?.spanId,
    });
  });
});
