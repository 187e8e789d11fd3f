import { randomUUID } from 'node:crypto';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Logger } from '../logger.ts';
import type { Tracing, TracingOptions } from './tracing.ts';

/** Milliseconds between two lines about the same trouble. */
const quietTime = 60_000;
/** Milliseconds for the last spans when the process ends. */
const patience = 3_000;

/** Sends spans in batches by OTLP over HTTP, as protobuf. Sampling, headers and limits: the standard's `OTEL_*` variables. */
export const startExporter = ({ service, version, log }: Omit<TracingOptions, 'isOn'>): Tracing => {
  diag.setLogger(quietly(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new NodeTracerProvider({
    resource: detectResources({ detectors: [envDetector] }).merge(
      resourceFromAttributes({
        'service.namespace': 'everwave',
        'service.name': `everwave-${service}`,
        'service.version': version,
        'service.instance.id': randomUUID(),
      }),
    ),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  log.info('traces are exported');
  return {
    stop: async () => {
      const late = new Promise<void>((resolve) => {
        setTimeout(resolve, patience).unref();
      });
      await Promise.race([provider.shutdown().catch(() => {}), late]);
    },
  };
};

/** A collector that is away is worth one line a minute; no run waits for it. */
const quietly = (log: Logger) => {
  let last = 0;
  const warn = (reason: string): void => {
    if (Date.now() - last < quietTime) return;
    last = Date.now();
    log.warn('traces could not be delivered', { reason: reason.slice(0, 300) });
  };
  const ignore = (): void => {};
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
};
