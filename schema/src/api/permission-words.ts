import type { Permission } from './permissions.ts';

export interface PermissionWords {
  /** Of what: permissions of one area stand together. */
  readonly area: string;
  readonly title: string;
  /** What somebody with this permission can do, for whoever hands it out. */
  readonly text: string;
}

/** Each permission in plain language: for the page of roles, the choice of a key's scopes, and the documentation. */
export const permissionWords: Readonly<Record<Permission, PermissionWords>> = {
  'flows:read': { area: 'Flows', title: 'See flows', text: 'Open flows, their drawings and their versions.' },
  'flows:write': { area: 'Flows', title: 'Edit flows', text: 'Create, draw, rename, tag, archive and restore flows.' },
  'flows:publish': {
    area: 'Flows',
    title: 'Publish flows',
    text: 'Make a draft the live version, and switch flows on and off.',
  },
  'runs:read': { area: 'Runs', title: 'See runs', text: 'Open runs with their steps, values and logs.' },
  'runs:start': { area: 'Runs', title: 'Start runs', text: 'Start a flow by hand or again.' },
  'runs:repair': {
    area: 'Runs',
    title: 'Repair runs',
    text: 'Retry, skip or edit a step that gave up, and cancel runs.',
  },
  'runs:fork': { area: 'Runs', title: 'Fork runs', text: 'Start a run again from one of its steps.' },
  'runs:migrate': { area: 'Runs', title: 'Migrate runs', text: 'Move a run that is under way to another version.' },
  'deadLetters:read': { area: 'Attention', title: 'See what waits', text: 'Open the steps that gave up, and why.' },
  'deadLetters:repair': {
    area: 'Attention',
    title: 'Repair many at once',
    text: 'Order repairs of whole groups of runs that failed alike.',
  },
  'deadLetters:dismiss': {
    area: 'Attention',
    title: 'Dismiss',
    text: 'Put aside what needs no repair, and take it back.',
  },
  'alerts:manage': { area: 'Attention', title: 'Manage alerts', text: 'Choose who is told of what waits, and how.' },
  'approvals:read': { area: 'Approvals', title: 'See approvals', text: 'Open the questions that runs ask people.' },
  'approvals:answer': {
    area: 'Approvals',
    title: 'Answer approvals',
    text: 'Approve or reject, where the question itself allows it.',
  },
  'events:send': { area: 'Inbox', title: 'Send events', text: 'Tell waiting runs that something happened.' },
  'deliveries:read': { area: 'Inbox', title: 'See deliveries', text: 'Open what webhooks and events brought in.' },
  'deliveries:replay': { area: 'Inbox', title: 'Replay deliveries', text: 'Let a held delivery start its run.' },
  'connections:read': {
    area: 'Connections',
    title: 'See connections',
    text: 'See which services are connected. Secrets are never shown.',
  },
  'connections:write': {
    area: 'Connections',
    title: 'Manage connections',
    text: 'Create, change, test and remove connections.',
  },
  'variables:read': {
    area: 'Variables',
    title: 'See variables',
    text: 'See what expressions read as env. Secret values are never shown.',
  },
  'variables:write': { area: 'Variables', title: 'Manage variables', text: 'Add, change and delete variables.' },
  'payloads:decode': {
    area: 'Operation',
    title: 'Open payloads in Temporal',
    text: 'See values in the Temporal UI. Each look is noted.',
  },
  'values:unmask': {
    area: 'Runs',
    title: 'See masked values',
    text: 'See what the fields hold that the organisation masks. Each look is noted.',
  },
  'maskedFields:manage': {
    area: 'People and access',
    title: 'Choose masked fields',
    text: 'Say which fields of run data are masked.',
  },
  'limits:manage': { area: 'Operation', title: 'Set limits', text: 'Set how much runs at once, and how fast.' },
  'apiKeys:manage': {
    area: 'People and access',
    title: 'Manage API keys',
    text: 'Make and revoke keys and service accounts, with at most the rights one has.',
  },
  'members:read': {
    area: 'People and access',
    title: 'See members',
    text: 'See who belongs to the organisation, and with which role.',
  },
  'members:manage': {
    area: 'People and access',
    title: 'Manage members',
    text: 'Invite people, give them roles and remove them.',
  },
  'roles:manage': {
    area: 'People and access',
    title: 'Manage roles and access',
    text: 'Make the organisation’s own roles, and say who may reach a flow, a folder or a connection.',
  },
  'audit:read': {
    area: 'People and access',
    title: 'Read the audit log',
    text: 'See, export and check who did what, with failed sign-ins and refusals.',
  },
  'org:manage': {
    area: 'People and access',
    title: 'Manage the organisation',
    text: 'Change, transfer or delete the organisation itself.',
  },
};
