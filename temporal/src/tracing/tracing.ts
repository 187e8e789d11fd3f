import {
  type Attributes,
  type Context,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { Logger } from '../logger.ts';

// One trace from a request to the last attempt of its run. Between processes it travels as W3C `traceparent`, in the
// run's row, the workflow's input and each activity's input: no code of OpenTelemetry runs in the workflow.

export interface TracingOptions {
  /** `api`, `worker`. */
  readonly service: string;
  readonly version: string;
  /** True when an OTLP endpoint is set; the exporter reads the address, and all other `OTEL_*` settings, itself. */
  readonly isOn: boolean;
  readonly log: Logger;
}

export interface Tracing {
  /** Sends what has not been sent yet. */
  stop(): Promise<void>;
}

/** Loads OpenTelemetry where it is wanted, and only there. */
export const startTracing = async ({ isOn, ...options }: TracingOptions): Promise<Tracing> => {
  if (!isOn) return { stop: async () => {} };
  const { startExporter } = await import('./start-exporter.ts');
  return startExporter(options);
};

export type { Span } from '@opentelemetry/api';

const kinds = {
  /** Answers a request. */
  server: SpanKind.SERVER,
  /** Hands work to a queue. */
  producer: SpanKind.PRODUCER,
  /** Takes work from a queue. */
  consumer: SpanKind.CONSUMER,
} as const;

export interface SpanOptions {
  readonly kind: keyof typeof kinds;
  /** A `traceparent`. Null, or one that cannot be read, begins a trace of its own. */
  readonly parent: string | null | undefined;
  /** Ids and names from a fixed vocabulary: never values. */
  readonly attributes: Attributes;
}

/** Does the work inside a span. An error ends the span as failed, by its name alone: a message may hold a value. */
export const inSpan = async <T>(
  name: string,
  { kind, parent, attributes }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> => {
  const span = trace
    .getTracer('everwave')
    .startSpan(name, { kind: kinds[kind], attributes }, toContext(parent ?? null));
  try {
    return await context.with(trace.setSpan(context.active(), span), () => work(span));
  } catch (error) {
    markFailed(span, nameOf(error));
    throw error;
  } finally {
    span.end();
  }
};

/** Notes on a span that its work failed, and the failure's stable name. */
export const markFailed = (span: Span, name: string): void => {
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message: name });
};

const nameOf = (error: unknown): string => {
  const { type, name } = (error ?? {}) as { readonly type?: unknown; readonly name?: unknown };
  if (typeof type === 'string' && type !== '') return type;
  return typeof name === 'string' ? name : 'Error';
};

/** The span in which this code runs, as a `traceparent`; null where nothing is traced. */
export const currentTraceparent = (): string | null => {
  const found = trace.getActiveSpan()?.spanContext();
  if (!found || !isSpanContextValid(found)) return null;
  const { traceId, spanId, traceFlags } = found;
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
};

/** For log lines: the trace they belong to. */
export const traceFields = (): { readonly traceId?: string; readonly spanId?: string } => {
  const found = trace.getActiveSpan()?.spanContext();
  return found && isSpanContextValid(found) ? { traceId: found.traceId, spanId: found.spanId } : {};
};

/** https://www.w3.org/TR/trace-context/#traceparent-header; a later version may have more fields behind these. */
const form = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

const toContext = (traceparent: string | null): Context => {
  const [, traceId = '', spanId = '', flags = ''] = form.exec(traceparent ?? '') ?? [];
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(parent) ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
};
