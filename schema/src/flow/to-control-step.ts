import { type Role, roleCovers, roles } from '../api/permissions.ts';
import type { GraphNode } from './graph.ts';
import { isDuration } from './duration.ts';
import type {
  ActionStep,
  ApprovalStep,
  Condition,
  Duration,
  JoinPolicy,
  Json,
  PlanStep,
  SwitchStep,
  TriggerStep,
} from './plan.ts';

/** What every step has: who it is and where it stands. */
export type StepPlace = Pick<TriggerStep, 'id' | 'title' | 'region' | 'order' | 'incoming' | 'outgoing'>;

/** A trigger or control node of a drawing that has passed validation, as a step. `before`: what leads to it and nowhere else. */
export const toControlStep = (
  place: StepPlace,
  { kind, input }: GraphNode,
  before: readonly string[],
): Exclude<PlanStep, ActionStep> => {
  // Validation has checked each field against the node's schema; the types below say what that schema says.
  const field = <T extends Json | Condition | SwitchStep['cases']>(name: string): T => input[name] as unknown as T;
  const given = <T extends Json>(name: string, otherwise: T): T =>
    input[name] === undefined ? otherwise : (input[name] as T);
  switch (kind) {
    case 'trigger.webhook':
    case 'trigger.manual':
    case 'trigger.schedule':
      return { ...place, type: 'trigger', kind };
    case 'control.condition':
      return { ...place, type: 'condition', condition: field<Condition>('condition') };
    case 'control.switch':
      return { ...place, type: 'switch', value: field<Json>('value'), cases: field<SwitchStep['cases']>('cases') };
    case 'control.parallel':
      return { ...place, type: 'parallel' };
    case 'control.merge':
      return { ...place, type: 'merge', policy: toJoinPolicy(input, before) };
    case 'control.delay':
      return { ...place, type: 'delay', duration: field<Json>('duration') };
    case 'control.waitUntil':
      return { ...place, type: 'waitUntil', until: field<Json>('until') };
    case 'control.waitForEvent':
      return {
        ...place,
        type: 'waitForEvent',
        event: field<string>('event'),
        correlationKey: field<Json>('correlationKey'),
        match: input['match'] === undefined ? null : field<Condition>('match'),
        timeout: given<Json>('timeout', null),
      };
    case 'control.approval':
      return toApprovalStep(place, input);
    case 'control.stop':
      return { ...place, type: 'stop', outcome: given('outcome', 'succeeded'), value: given<Json>('value', null) };
    case 'control.forEach':
      return {
        ...place,
        type: 'forEach',
        items: field<Json>('items'),
        concurrency: given('concurrency', 5),
        onItemFailure: given('onItemFailure', 'park'),
        result: given<Json>('result', null),
        ...timeLimitOf(input),
      };
    case 'control.while':
      return {
        ...place,
        type: 'while',
        condition: field<Condition>('condition'),
        check: given('check', 'before'),
        maximumIterations: given('maximumIterations', 100),
        result: given<Json>('result', null),
        ...timeLimitOf(input),
      };
    case 'control.try': {
      const catches = given<readonly string[]>('catches', []);
      return {
        ...place,
        type: 'try',
        catches: catches.length === 0 ? null : catches,
        result: given<Json>('result', null),
        ...timeLimitOf(input),
      };
    }
    case 'control.finally':
      return { ...place, type: 'finally' };
    case 'control.setVariables':
      return { ...place, type: 'setVariables', variables: field<{ [name: string]: Json }>('variables') };
    case 'control.return':
      return { ...place, type: 'return', output: field<Json>('output') };
    case 'control.respond':
      return {
        ...place,
        type: 'respond',
        status: given<Json>('status', 200),
        headers: given<{ readonly [name: string]: Json }>('headers', {}),
        body: given<Json>('body', null),
      };
    default:
      throw new Error(`There is a manifest but no step for ${kind}. Add it to to-control-step.ts.`);
  }
};

const timeLimitOf = ({ timeLimit }: GraphNode['input']): { readonly timeLimit?: Duration } =>
  isDuration(timeLimit) ? { timeLimit } : {};
const toApprovalStep = (place: StepPlace, input: GraphNode['input']): ApprovalStep => {
  const given = <T>(name: string, otherwise: T): T => (input[name] === undefined ? otherwise : (input[name] as T));
  const people = given<Json>('people', []);
  const named = given<readonly Role[]>('roles', []);
  const isOpenToOperators = named.length === 0 && Array.isArray(people) && people.length === 0;
  return {
    ...place,
    type: 'approval',
    subject: given<Json>('subject', null),
    message: given<Json>('message', null),
    fields: given<ApprovalStep['fields']>('fields', []),
    roles: roles.filter((role) =>
      (isOpenToOperators ? ['operator' as const] : named).some((one) => roleCovers(role, one)),
    ),
    people,
    approvals: given('approvals', 1),
    rejections: given('rejections', 1),
    timeout: given<Json>('timeout', null),
  };
};

const toJoinPolicy = ({ join, count, others }: GraphNode['input'], before: readonly string[]): JoinPolicy => {
  if (join !== 'any' && join !== 'count') return { join: 'all' };
  return {
    join: 'count',
    count: join === 'count' && typeof count === 'number' ? count : 1,
    others: others === 'cancel' ? 'cancel' : 'continue',
    before,
  };
};
