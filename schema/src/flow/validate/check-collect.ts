import { batchSchema, debounceSchema } from '../collect.ts';
import { toMilliseconds } from '../duration.ts';
import type { Issue } from '../issue.ts';
import type { Duration } from '../plan.ts';
import { durationProblem, fieldIssue } from './field-issue.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

const bounds = { quietPeriod: ['1s', '1d'], maximumWait: ['1s', '7d'] } as const satisfies Record<
  string,
  readonly [Duration, Duration]
>;

/** Triggers that gather deliveries: in one way, within bounds, and not while a caller waits. */
export const checkCollect = ({ nodes }: GraphIndex): readonly Issue[] =>
  nodes.filter(({ node }) => node.kind === 'trigger.webhook').flatMap(checkTrigger);

const checkTrigger = (placed: PlacedNode): readonly Issue[] => {
  const { node } = placed;
  const { debounce, batch, answer } = node.input;
  const report = fieldIssue(placed);
  const way = debounce === undefined ? 'batch' : 'debounce';
  const issues: Issue[] = [];
  if (debounce !== undefined && batch !== undefined) {
    const message = `${node.title} gathers deliveries in two ways. Choose one: debounce waits for quiet, batch for a number.`;
    issues.push(report('batch', 'collects_twice', message));
  }
  if ((debounce ?? batch) !== undefined && answer === 'result') {
    const message = `${node.title} gathers deliveries, so that no single run could answer their callers. Have it acknowledge at once.`;
    issues.push(report('answer', 'answers_many', message));
  }
  // What does not fit the schema is said field by field elsewhere.
  const parsed = (way === 'batch' ? batchSchema : debounceSchema).safeParse(way === 'batch' ? batch : debounce);
  if (!parsed.success) return issues;
  const given: { readonly quietPeriod?: Duration; readonly maximumWait: Duration } = parsed.data;
  for (const name of ['quietPeriod', 'maximumWait'] as const) {
    const duration = given[name];
    if (duration === undefined) continue;
    const problem = durationProblem(name, duration, bounds[name]);
    if (problem !== null) issues.push(report(`${way}.${name}`, 'setting_out_of_bounds', problem));
  }
  if (given.quietPeriod !== undefined && toMilliseconds(given.quietPeriod) > toMilliseconds(given.maximumWait)) {
    const message = `The quiet period (${given.quietPeriod}) is longer than the longest wait (${given.maximumWait}), which would then always end it.`;
    issues.push(report(`${way}.quietPeriod`, 'setting_out_of_bounds', message));
  }
  return issues;
};
