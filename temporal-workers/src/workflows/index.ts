export { probe } from './probe.ts';
export { runFlow } from './run-flow.ts';
export { runHost } from './run-host.ts';
