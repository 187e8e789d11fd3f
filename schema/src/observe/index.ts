export { boundedLabel } from './bounded-label.ts';
export { logFormat, redacted, redactedFields, redactText } from './log-format.ts';
export { type MetricsRequest, mayReadMetrics } from './metrics-access.ts';
