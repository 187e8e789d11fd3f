import { isDuration, toMilliseconds } from '../duration.ts';
import type { Issue } from '../issue.ts';
import type { Duration } from '../plan.ts';
import { cronProblem } from '../schedule/cron-problem.ts';
import { scheduleKind } from '../schedule/schedule-of.ts';
import { timeZoneProblem } from '../schedule/time-zone-problem.ts';
import { durationProblem, fieldIssue } from './field-issue.ts';
import type { GraphIndex, PlacedNode } from './graph-index.ts';

const bounds = {
  interval: ['1s', '366d'],
  catchUpWindow: ['10s', '365d'],
  jitter: ['0s', '1d'],
} as const satisfies Record<string, readonly [Duration, Duration]>;
const ways = ['cron', 'interval', 'calendar'] as const;

/** Triggers that start runs at times: one way to say when, a cron that can be read, a time zone that there is. */
export const checkSchedule = ({ nodes }: GraphIndex): readonly Issue[] =>
  nodes.filter(({ node }) => node.kind === scheduleKind).flatMap(checkTrigger);

const checkTrigger = (placed: PlacedNode): readonly Issue[] => {
  const { node } = placed;
  const issues: Issue[] = [];
  const toIssue = fieldIssue(placed);
  const report = (...what: Parameters<typeof toIssue>) => issues.push(toIssue(...what));
  const { cron, timeZone } = node.input;
  const given = ways.filter((way) => node.input[way] !== undefined);
  if (given.length === 0) {
    report('cron', 'schedule_without_times', `${node.title} says no times. Give a cron, an interval or a calendar.`);
  }
  const [, second] = given;
  if (second !== undefined) {
    report(second, 'schedule_times_twice', `${node.title} says its times twice: ${given.join(' and ')}. Choose one.`);
  }
  if (typeof cron === 'string') {
    const problem = cronProblem(cron);
    if (problem !== null) report('cron', 'bad_cron', problem);
  }
  if (typeof timeZone === 'string') {
    const problem = timeZoneProblem(timeZone);
    if (problem !== null) report('timeZone', 'bad_time_zone', problem);
  }
  for (const [name, between] of Object.entries(bounds)) {
    const duration = node.input[name];
    if (!isDuration(duration)) continue;
    const problem = durationProblem(name, duration, between);
    if (problem !== null) {
      report(name, 'setting_out_of_bounds', problem);
    } else if (name === 'interval' && toMilliseconds(duration) % 1_000 > 0) {
      report(name, 'setting_out_of_bounds', `interval must be whole seconds; it is ${duration}.`);
    }
  }
  return issues;
};
