export { probe } from './probe.ts';
export { runFlow } from './run-flow.ts';
