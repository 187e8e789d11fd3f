import { defineSearchAttributeKey, type SearchAttributePair, SearchAttributeType } from '@temporalio/common';

const keyword = (name: string) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

/** Plain text in Temporal's visibility store: ids and names from a fixed vocabulary only, never a person's data. */
export const searchAttributes = {
  org: keyword('EverwaveOrg'),
  flow: keyword('EverwaveFlow'),
  trigger: keyword('EverwaveTrigger'),
  status: keyword('EverwaveStatus'),
  failingStep: keyword('EverwaveFailingStep'),
  failure: keyword('EverwaveFailure'),
  forkOf: keyword('EverwaveForkOf'),
  correlationKey: keyword('EverwaveCorrelationKey'),
  flowVersion: defineSearchAttributeKey('EverwaveFlowVersion', SearchAttributeType.INT),
} as const;

/** Names and types, as `temporal operator search-attribute create` spells them. */
export const searchAttributeTypes: { readonly [name: string]: 'Keyword' | 'Int' } = Object.fromEntries(
  Object.values(searchAttributes).map(({ name, type }) => [name, type === SearchAttributeType.INT ? 'Int' : 'Keyword']),
);

export interface RunAttributes {
  readonly orgId: string;
  readonly flowId: string;
  readonly flowVersion: number;
  /** `trigger.webhook` */
  readonly triggerKind: string;
  readonly forkOfRunId?: string | null;
}

/** What a run is found by from its first moment. */
export const toStartAttributes = (run: RunAttributes): SearchAttributePair[] => [
  { key: searchAttributes.org, value: run.orgId },
  { key: searchAttributes.flow, value: run.flowId },
  { key: searchAttributes.flowVersion, value: run.flowVersion },
  { key: searchAttributes.trigger, value: run.triggerKind },
  { key: searchAttributes.status, value: 'running' },
  ...(run.forkOfRunId ? [{ key: searchAttributes.forkOf, value: run.forkOfRunId }] : []),
];
