export { fireTrigger } from './fire-trigger.ts';
export { probe } from './probe.ts';
export { runBatch } from './run-batch.ts';
export { runFlow } from './run-flow.ts';
export { runHost } from './run-host.ts';
