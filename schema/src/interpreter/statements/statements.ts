import type { PlanStep } from '../../flow/plan.ts';
import { frames } from '../frames/frames.ts';
import { action } from './action.ts';
import { approval } from './approval.ts';
import { condition } from './condition.ts';
import { delay } from './delay.ts';
import { merge } from './merge.ts';
import { parallel } from './parallel.ts';
import { respond } from './respond.ts';
import { returnStatement } from './return.ts';
import { setVariables } from './set-variables.ts';
import type { Statement } from './statement.ts';
import { stop } from './stop.ts';
import { subflow } from './subflow.ts';
import { switchStatement } from './switch.ts';
import { trigger } from './trigger.ts';
import { waitForEvent } from './wait-for-event.ts';
import { waitUntil } from './wait-until.ts';

type Statements = { readonly [Type in PlanStep['type']]: Statement<Extract<PlanStep, { type: Type }>> };

const statements: Statements = {
  trigger,
  action,
  condition,
  switch: switchStatement,
  parallel,
  merge,
  delay,
  setVariables,
  return: returnStatement,
  respond,
  waitUntil,
  waitForEvent,
  approval,
  stop,
  subflow,
  ...frames,
};

export const statementOf = (step: PlanStep): Statement<PlanStep> => statements[step.type] as Statement<PlanStep>;
