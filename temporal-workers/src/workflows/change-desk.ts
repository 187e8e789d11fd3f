import { checkSupersede, migrateState, type MigrationProblem, type RunState } from '@everwave/schema/interpreter';
import {
  type MigrateReply,
  type MigrateRequest,
  migrateUpdate,
  type RunFlowInput,
  type SupersedeRequest,
  supersedeUpdate,
} from '@everwave/schema/run';
import { ApplicationFailure } from '@temporalio/common';
import { defineUpdate, setHandler } from '@temporalio/workflow';
import { refusal, refuseUnsealed } from './messages.ts';

/** A fork asks for this run's place. */
export interface SupersedeArrival {
  readonly type: 'supersede';
  readonly request: SupersedeRequest;
  readonly resolve: (reply: { readonly status: string }) => void;
  readonly reject: (refusal: Error) => void;
}

/** The run is to go on under another version. */
export interface MigrateArrival {
  readonly type: 'migrate';
  readonly request: MigrateRequest;
  readonly resolve: (reply: MigrateReply) => void;
  readonly reject: (refusal: Error) => void;
}

export interface ChangeDeskOptions {
  /** Its plan is the one that the run has now. */
  readonly input: Pick<RunFlowInput, 'plan'>;
  readonly state: () => RunState;
  readonly deliver: (arrival: SupersedeArrival | MigrateArrival) => void;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** Throws a refusal when the message is not one that our worker sent. */
export const parseSupersede = (message: unknown): SupersedeRequest => {
  const { byRunId, seq } = opened<SupersedeRequest>(message);
  if (!isText(byRunId) || typeof seq !== 'number') throw refusal('malformed', 'A fork says who it is, and seq.');
  return { byRunId, seq };
};

/** Throws a refusal when the message is not one that our api sent. */
export const parseMigrate = (message: unknown): MigrateRequest => {
  const { requestId, by, plan, planHash, isPreview } = opened<MigrateRequest>(message);
  if (!isText(requestId) || !isText(by?.userId) || !isText(by.name) || !isText(by.role)) {
    throw refusal('malformed', 'A migration needs a requestId and says who asks: by { userId, name, role }.');
  }
  if (typeof plan !== 'object' || plan === null || !isText(planHash)) {
    throw refusal('malformed', 'A migration needs the plan that the run is to go on with, and its hash.');
  }
  return { requestId, by, plan, planHash, ...(isPreview && { isPreview }) };
};

const opened = <Message>(message: unknown): Partial<Message> => {
  refuseUnsealed(message);
  return (typeof message === 'object' && message !== null ? message : {}) as Partial<Message>;
};

/** Says step by step why not; the details are for machines. */
export const toMigrationRefusal = (problems: readonly MigrationProblem[]): ApplicationFailure =>
  ApplicationFailure.create({
    message: problems.map(({ message }) => message).join(' '),
    type: problems[0]?.code ?? 'refused',
    nonRetryable: true,
    details: [problems],
  });

/** Takes what moves a whole run: to a fork, or to another version. Validators refuse before anything enters history. */
export const openChangeDesk = ({ input, state, deliver }: ChangeDeskOptions): void => {
  const checkMigration = (request: MigrateRequest): void => {
    const migrated = migrateState(input.plan, request.plan, state(), 0);
    if (!migrated.ok) throw toMigrationRefusal(migrated.problems);
    if (request.isPreview) throw refusal('fits', 'The run can go on under this version.');
  };
  setHandler(
    defineUpdate<{ readonly status: string }, [unknown]>(supersedeUpdate),
    (message) =>
      new Promise((resolve, reject) => {
        deliver({ type: 'supersede', request: parseSupersede(message), resolve, reject });
      }),
    {
      validator: (message) => {
        const verdict = checkSupersede(state(), parseSupersede(message).seq);
        if (!verdict.ok) throw refusal(verdict.code, verdict.message);
      },
    },
  );
  setHandler(
    defineUpdate<MigrateReply, [unknown]>(migrateUpdate),
    (message) =>
      new Promise((resolve, reject) => {
        deliver({ type: 'migrate', request: parseMigrate(message), resolve, reject });
      }),
    { validator: (message) => checkMigration(parseMigrate(message)) },
  );
};
