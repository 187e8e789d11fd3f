export { boundedLabel } from './bounded-label.ts';
export { logFormat, redacted, redactedFields, redactText } from './log-format.ts';
export { mayReadMetrics, metricsToken, type MetricsRequest } from './metrics-access.ts';
