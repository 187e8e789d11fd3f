import type {
  Account,
  AlertChannel,
  ApiKey,
  Approval,
  AuditEvent,
  Connection,
  DeadLetter,
  Delivery,
  Flow,
  FlowSummary,
  GroupRepair,
  MadeApprovalLink,
  MaskedField,
  Me,
  Run,
  RunFile,
} from '@everwave/schema/api';
import {
  type OrgRole,
  rolePermissions,
  type Role,
  roles,
  type ServiceAccount,
  type ScheduleDetail,
  type Variable,
} from '@everwave/schema/api';
import type { FlowGraph, Json } from '@everwave/schema/flow';
import { accessOf, type WorldAccess } from './access.ts';
import { approvalsOf } from './approvals-of.ts';
import { auditOf } from './audit.ts';
import { idOf } from './ids.ts';
import { limitsOf, type WorldLimits } from './limits.ts';
import { accountsOf } from './accounts.ts';
import { peopleOf, type WorldPeople } from './people.ts';
import { type RunStory, tellRun } from './run-story.ts';
import { everyday, flows, notable } from './stories.ts';
import { maskedFieldsOf } from './masked-fields.ts';
import { schedulesOf } from './schedules.ts';
import { variablesOf } from './variables.ts';

/** Everything the fake api knows; a test may change it between requests. */
export interface World {
  readonly me: Me;
  /** Null: nobody is signed in. */
  session: string | null;
  setupNeeded: boolean;
  isSignUpOpen: boolean;
  readonly flows: Map<string, FlowSummary & { readonly graph: FlowGraph; readonly webhook: string | null }>;
  readonly runs: Map<string, Run>;
  /** JSON of what steps were given and gave where that is not in their run, by its address. */
  readonly keptValues: Map<string, string>;
  /** Files of runs, with their content. */
  readonly files: { readonly ofRun: string; readonly file: RunFile; readonly content: string }[];
  readonly deadLetters: DeadLetter[];
  /** What was asked for whole groups, oldest first. */
  readonly repairs: GroupRepair[];
  readonly approvals: Approval[];
  readonly approvalLinks: (MadeApprovalLink & { readonly approvalId: string })[];
  readonly deliveries: Delivery[];
  readonly connections: Connection[];
  readonly apiKeys: ApiKey[];
  readonly serviceAccounts: ServiceAccount[];
  readonly roles: OrgRole[];
  readonly schedules: ScheduleDetail[];
  readonly variables: Variable[];
  readonly maskedFields: MaskedField[];
  /** What was given for secret variables, by name. */
  readonly secrets: Map<string, string>;
  readonly alertChannels: AlertChannel[];
  /** Everybody on the installation. */
  readonly accounts: Account[];
  /** The newest first. */
  readonly audit: AuditEvent[];
  /** Queues on which something waits and that no worker serves. */
  readonly unservedQueues: string[];
  readonly limits: WorldLimits;
  readonly people: WorldPeople;
  readonly access: WorldAccess;
}

export interface WorldOptions {
  readonly now: number;
  readonly webUrl: string;
  readonly role?: Role;
  /** A first start: a flow, and nothing that has happened. */
  readonly isEmpty?: boolean;
}

const minute = 60_000;
const ago = (now: number, minutes: number): string => new Date(now - minutes * minute).toISOString();

const flowSummaries = ({ now, isEmpty }: WorldOptions, runs: readonly Run[]): World['flows'] => {
  const details = [
    {
      flow: flows.newOrder,
      tags: ['shop', 'orders'],
      status: 'active',
      description: 'Tells the packers and thanks the customer.',
      changed: false,
    },
    {
      flow: flows.refund,
      tags: ['shop', 'money'],
      status: 'inactive',
      description: 'Waits ten minutes, then pays back or asks support.',
      changed: true,
    },
    { flow: flows.priceList, tags: ['catalogue'], status: 'active', description: '', changed: false },
  ] as const;
  return new Map(
    details.slice(0, isEmpty ? 1 : undefined).map(({ flow, tags, status, description, changed }) => {
      const id = idOf('flow', flow.name);
      const lastRun = runs.find((run) => run.flowId === id);
      const hasWebhook = flow.graph.nodes.some((node) => node.kind === 'trigger.webhook');
      return [
        id as string,
        {
          id,
          name: flow.name,
          version: isEmpty ? 1 : flow.version,
          createdAt: ago(now, 60 * 24 * 40),
          updatedAt: ago(now, 60 * 26),
          description,
          tags: [...tags],
          folderId: null,
          status,
          may: [],
          draftRevision: 9,
          changedSincePublish: changed,
          triggerKinds: flow.graph.nodes.filter((node) => node.kind.startsWith('trigger.')).map((node) => node.kind),
          stepCount: flow.graph.nodes.length,
          lastRun: lastRun ? { id: lastRun.id, status: lastRun.status, createdAt: lastRun.createdAt } : null,
          graph: flow.graph,
          webhook: hasWebhook ? `http://127.0.0.1:3001/hooks/${idOf('trg', flow.name).slice(4)}` : null,
        },
      ];
    }),
  );
};

/** Open dead letters of runs that stand still, made from the runs themselves so that both agree. */
const deadLettersOf = (runs: readonly Run[]): DeadLetter[] =>
  runs.flatMap((run) =>
    run.steps
      .filter((step) => step.status === 'needs_attention')
      .map((step) => ({
        id: idOf('dead', `${run.id} ${step.path}`),
        runId: run.id,
        runUrl: run.url,
        flowId: run.flowId,
        flowName: run.flowName,
        path: step.path,
        stepId: step.stepId,
        ordinal: step.ordinal,
        fingerprint: idOf('dead', step.failure?.name ?? '')
          .slice(5)
          .repeat(2),
        failure: step.failure ?? { name: 'unknown', message: '' },
        attempts: step.attempts,
        ...(step.input === undefined ? {} : { input: step.input }),
        openedAt: step.finishedAt ?? run.createdAt,
        resolvedAt: null,
        resolution: null,
        resolvedBy: null,
        dismissal: null,
      })),
  );

const deliveriesOf = (runs: readonly Run[], now: number): Delivery[] => {
  const held = [3, 5, 9].map(
    (minutes): Delivery => ({
      id: idOf('dlv', `held ${minutes}`),
      flowId: idOf('flow', flows.refund.name),
      flowName: flows.refund.name,
      triggerId: idOf('trg', flows.refund.name),
      deliveryId: `msg_2mYx${minutes}Qb7Lr0Vt`,
      status: 'held',
      waitsForPlace: false,
      placeWait: null,
      runId: null,
      together: null,
      payloadBytes: 412 + minutes * 13,
      receivedAt: ago(now, minutes),
      dispatchedAt: null,
      lastError: null,
      requestId: null,
      payload: {
        kind: 'webhook',
        method: 'POST',
        headers: {},
        query: {},
        body: { reason: 'late', charge: `ch_9${minutes}` },
      },
    }),
  );
  const rejected: Delivery = {
    ...(held[0] as Delivery),
    id: idOf('dlv', 'rejected'),
    deliveryId: 'msg_2mYwRejected01',
    status: 'rejected',
    receivedAt: ago(now, 11),
    lastError: 'The signature does not match this trigger’s secret.',
  };
  const collecting: Delivery = {
    ...(held[0] as Delivery),
    id: idOf('dlv', 'collecting'),
    deliveryId: 'msg_2mYwCollecting01',
    status: 'collecting',
    receivedAt: ago(now, 1),
    together: { count: 4, waitsUntil: new Date(now + 120_000).toISOString() },
  };
  const dispatched = runs
    .filter((run) => run.trigger.deliveryId !== null)
    .map(
      (run): Delivery => ({
        id: run.trigger.deliveryId ?? idOf('dlv', run.id),
        flowId: run.flowId,
        flowName: run.flowName,
        triggerId: run.trigger.id ?? idOf('trg', run.flowName),
        deliveryId: `evt_${run.id.slice(4, 20)}`,
        status: 'dispatched',
        waitsForPlace: false,
        placeWait: null,
        runId: run.id,
        together: null,
        payloadBytes: JSON.stringify(run.trigger.data).length,
        receivedAt: run.createdAt,
        dispatchedAt: run.createdAt,
        lastError: null,
        requestId: run.requestId,
        payload: run.trigger.data as Json,
      }),
    );
  return [...held, collecting, rejected, ...dispatched].toSorted(
    (a, b) => Date.parse(b.receivedAt) - Date.parse(a.receivedAt),
  );
};

const connectionsOf = (now: number): Connection[] => {
  const usedBy = [{ flowId: idOf('flow', flows.newOrder.name), name: flows.newOrder.name }];
  return [
    {
      id: idOf('conn', 'smtp'),
      name: 'Hartwell mail',
      kind: 'email.smtp',
      settings: {
        host: 'smtp.hartwell.coffee',
        port: 587,
        security: 'starttls',
        username: 'orders',
        from: 'orders@hartwell.coffee',
      },
      secretFields: ['password'],
      usedBy,
      lastTest: { status: 'ok', message: 'Signed in as orders.', testedAt: ago(now, 42) },
      createdAt: ago(now, 60 * 24 * 40),
      updatedAt: ago(now, 60 * 24 * 3),
    },
    {
      id: idOf('conn', 'slack'),
      name: 'Roastery Slack',
      kind: 'slack.bot',
      settings: { baseUrl: 'https://slack.com/api' },
      secretFields: ['botToken'],
      usedBy,
      lastTest: {
        status: 'failed',
        message: 'Slack does not accept this token.',
        advice: 'Copy the bot token again from the app’s page.',
        testedAt: ago(now, 18),
      },
      createdAt: ago(now, 60 * 24 * 40),
      updatedAt: ago(now, 60 * 24 * 3),
    },
    {
      id: idOf('conn', 'supplier'),
      name: 'Supplier',
      kind: 'http.authentication',
      settings: { baseUrl: 'https://supplier.example', scheme: 'bearer' },
      secretFields: ['value'],
      usedBy: [],
      lastTest: null,
      createdAt: ago(now, 60 * 24 * 12),
      updatedAt: ago(now, 60 * 24 * 12),
    },
  ];
};

const heldBy = (
  role: Role,
): Pick<ApiKey, 'role' | 'roleName' | 'serviceAccount' | 'scopes' | 'permissions' | 'createdBy'> => ({
  role,
  roleName: role,
  serviceAccount: null,
  scopes: null,
  permissions: [...rolePermissions[role]],
  createdBy: { id: 'u_mara', name: 'Mara Lindqvist' },
});

const serviceAccountsOf = (now: number): ServiceAccount[] => [
  {
    id: idOf('svc', 'Warehouse'),
    name: 'Warehouse',
    description: 'Brings the stock every night',
    role: 'operator',
    roleName: 'operator',
    apiKeys: 1,
    disabledAt: null,
    createdAt: ago(now, 60 * 24 * 9),
  },
];

const rolesOf = (now: number, isEmpty: boolean): OrgRole[] => [
  ...roles.map((role) => ({
    id: role,
    name: role,
    description: '',
    isBuiltIn: true,
    permissions: [...rolePermissions[role]],
    usedBy: { people: role === 'owner' ? 1 : 0, invitations: 0, serviceAccounts: 0, apiKeys: 0, grants: 0 },
    createdAt: null,
    updatedAt: null,
  })),
  ...(isEmpty ? [] : [nightShift(now)]),
];

const nightShift = (now: number): OrgRole => ({
  id: idOf('role', 'Night shift'),
  name: 'Night shift',
  description: 'Repairs what breaks at night',
  isBuiltIn: false,
  permissions: ['flows:read', 'runs:read', 'runs:repair', 'deadLetters:read'],
  usedBy: { people: 2, invitations: 1, serviceAccounts: 0, apiKeys: 0, grants: 0 },
  createdAt: ago(now, 60 * 24 * 9),
  updatedAt: ago(now, 60 * 24),
});

const keysOf = (now: number): ApiKey[] => [
  {
    id: 'key_cli',
    name: 'Mara’s laptop',
    start: 'ew_9fK2',
    ...heldBy('admin'),
    createdAt: ago(now, 60 * 24 * 30),
    expiresAt: null,
    lastUsedAt: ago(now, 7),
  },
  {
    id: 'key_nightly',
    name: 'Nightly import',
    start: 'ew_Qx81',
    ...heldBy('operator'),
    serviceAccount: { id: idOf('svc', 'Warehouse'), name: 'Warehouse' },
    scopes: ['flows:read', 'runs:start'],
    createdAt: ago(now, 60 * 24 * 9),
    expiresAt: new Date(now + 81 * 24 * 60 * minute).toISOString(),
    lastUsedAt: null,
  },
];

const alertChannelsOf = (now: number): AlertChannel[] => {
  const channel = (name: string, changes: Partial<AlertChannel> & Pick<AlertChannel, 'kind' | 'settings'>) => ({
    id: idOf('chan', name),
    name,
    isOn: true,
    quietSeconds: 3_600,
    lastDeliveredAt: ago(now, 42),
    lastError: null,
    pending: 0,
    createdAt: ago(now, 60 * 24 * 20),
    updatedAt: ago(now, 60 * 24 * 20),
    ...changes,
  });
  return [
    channel('Roastery operators', {
      kind: 'email',
      settings: { to: ['mara@hartwell.coffee', 'tom@hartwell.coffee'], connectionId: idOf('conn', 'mail') },
    }),
    channel('#operations', { kind: 'slack', settings: { host: 'hooks.slack.com' }, quietSeconds: 900 }),
    channel('On-call pager', {
      kind: 'webhook',
      settings: { host: 'pager.hartwell.coffee' },
      isOn: false,
      lastError: 'pager.hartwell.coffee answered 503.',
    }),
  ];
};

const approvalLinksOf = (now: number): World['approvalLinks'] => [
  {
    id: '01937a52-0000-7000-8000-000000000001',
    approvalId: idOf('apr', 'Refund 310.00 € to Café Sol?'),
    recipient: 'tom@hartwell.coffee',
    createdAt: ago(now, 11),
    usedAt: ago(now, 4),
  },
];

/** A small coffee roastery that has used Everwave for a while, or has just started it. */
export const createWorld = (options: WorldOptions): World => {
  const { now, webUrl, role = 'owner', isEmpty = false } = options;
  const told: readonly RunStory[] = isEmpty ? [] : [...Object.values(notable), ...everyday(64)];
  const runs = told
    .map((story) => tellRun(story, now, webUrl))
    .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  const me: Me = {
    user: { id: 'u_mara', name: 'Mara Lindqvist', email: 'mara@hartwell.coffee', username: 'mara' },
    serviceAccount: null,
    apiKey: null,
    org: { id: idOf('org', 'Hartwell Coffee'), name: 'Hartwell Coffee' },
    role,
    roleName: role,
    permissions: [...rolePermissions[role]],
    isInstanceAdministrator: role === 'owner',
    mustFirst: null,
  };
  const people = peopleOf(now, me, isEmpty);
  return {
    me,
    session: null,
    setupNeeded: isEmpty,
    isSignUpOpen: false,
    flows: flowSummaries(options, runs),
    runs: new Map(runs.map((run) => [run.id as string, run])),
    keptValues: new Map(),
    files: [],
    deadLetters: deadLettersOf(runs),
    repairs: [],
    approvals: isEmpty ? [] : approvalsOf({ now, webUrl, me }),
    approvalLinks: isEmpty ? [] : approvalLinksOf(now),
    deliveries: isEmpty ? [] : deliveriesOf(runs, now),
    connections: isEmpty ? [] : connectionsOf(now),
    apiKeys: isEmpty ? [] : keysOf(now),
    serviceAccounts: isEmpty ? [] : serviceAccountsOf(now),
    roles: rolesOf(now, isEmpty),
    schedules: isEmpty ? [] : schedulesOf(now),
    variables: isEmpty ? [] : variablesOf(now),
    maskedFields: isEmpty ? [] : maskedFieldsOf(now),
    secrets: new Map(),
    audit: isEmpty ? [] : auditOf(now),
    alertChannels: isEmpty ? [] : alertChannelsOf(now),
    limits: limitsOf(isEmpty),
    people,
    accounts: accountsOf(now, me, people.members),
    access: accessOf(now, isEmpty),
    unservedQueues: [],
  };
};

/** The flow with its draft, as the api tells it. */
export const tellFlow = (flow: FlowSummary & { readonly graph: FlowGraph; readonly webhook: string | null }): Flow => ({
  id: flow.id,
  name: flow.name,
  version: flow.version,
  createdAt: flow.createdAt,
  updatedAt: flow.updatedAt,
  description: flow.description,
  tags: flow.tags,
  folderId: flow.folderId,
  status: flow.status,
  may: flow.may,
  draftRevision: flow.draftRevision,
  changedSincePublish: flow.changedSincePublish,
  steps: flow.graph.nodes,
  graph: flow.graph,
  triggers: flow.graph.nodes
    .filter((node) => node.kind.startsWith('trigger.'))
    .map((node) => ({
      id: idOf('trg', flow.name),
      nodeId: node.id,
      kind: node.kind,
      url: node.kind === 'trigger.webhook' ? flow.webhook : null,
      signatureRequired: node.input['signature'] === 'standard',
      hasSigningSecret: node.input['signature'] === 'standard',
      answer: node.input['answer'] === 'result' ? 'result' : 'acknowledge',
      enabled: true,
    })),
});
