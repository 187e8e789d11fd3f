import type { CommonFailureName } from './node-errors.ts';

interface CommonFailureRule {
  readonly retryable: boolean;
  readonly advice: string;
}

/** Failures that any node can end with, beside those its definition names. */
export const commonFailures: Readonly<Record<CommonFailureName, CommonFailureRule>> = {
  invalid_input: {
    retryable: false,
    advice: 'Correct the named field, in the flow for later runs, or in this step to retry it.',
  },
  invalid_output: {
    retryable: false,
    advice: 'The service answered in a shape the node does not know. Report it, and complete the step by hand.',
  },
  value_too_large: {
    retryable: false,
    advice: 'Ask the service for less: a filter, a page, fewer fields. Work on large data in parts, in a loop.',
  },
  value_missing: {
    retryable: false,
    advice: 'A value that this step reads is no longer stored. Restore it from a backup, or retry with edited input.',
  },
  file_too_large: {
    retryable: false,
    advice: 'Ask for less, or in parts. A file that is that large is better handed on as an address than as content.',
  },
  file_missing: {
    retryable: false,
    advice: 'Give the step a file that a step of this run has made: {{ steps.<id>.output.file }}.',
  },
  expression_failed: {
    retryable: false,
    advice: 'Correct the expression and publish the flow. This run can go on if you complete or skip the step.',
  },
  variable_missing: {
    retryable: false,
    advice: 'Add the variable under Settings, Variables, then retry the step.',
  },
  connection_missing: { retryable: false, advice: 'Choose a connection for this step and publish the flow.' },
  connection_not_found: {
    retryable: false,
    advice: 'The connection was deleted. Choose another and publish the flow.',
  },
  connection_invalid: {
    retryable: false,
    advice: 'Open the connection, fill in what is missing, test it, then retry.',
  },
  address_refused: {
    retryable: false,
    advice: 'Only public addresses are reachable. An operator can allow one by host and port: EVERWAVE_EGRESS_ALLOW.',
  },
  unreachable: { retryable: true, advice: 'Check the address, and whether the service is up. Nothing was sent.' },
  connection_lost: {
    retryable: true,
    advice: 'The service stopped answering. Look whether it acted before you repeat.',
  },
  timed_out: { retryable: true, advice: 'The step took longer than its time limit. Raise the limit, or ask for less.' },
  interrupted: { retryable: true, advice: 'The worker was stopped during the step. It is tried again by itself.' },
  attempt_overtaken: { retryable: true, advice: 'It is looked at again by itself.' },
  effect_conflict: {
    retryable: false,
    advice: 'This step was already sent with other content. Retry it with edited input to send the new content.',
  },
  effect_unsure: {
    retryable: false,
    advice: 'Look at the receiving side. If it is there, complete the step; if not, retry it.',
  },
  unexpected: { retryable: true, advice: 'An error nobody foresaw. If it stays, report it with the run’s address.' },
};
