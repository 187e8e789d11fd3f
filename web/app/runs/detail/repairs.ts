import { unreachable } from '#app/words/unreachable.ts';
import type { Run, RunRepair, RunStep } from '@everwave/schema/api';
import { type Json, resolveEffect } from '@everwave/schema/flow';
import type { NodeManifest } from '@everwave/schema/node';
import { findMask } from '@everwave/schema/run';
import { patchBetween } from './patch-between.ts';

/** What a person can decide about a run; `retryWithInput` is `retryStep` with an input of their own. */
export type RepairChoice = 'retryStep' | 'retryWithInput' | 'completeStep' | 'skipStep' | 'failRun' | 'cancelRun';

interface RepairWords {
  readonly title: string;
  readonly button: string;
  /** What happens, before it happens. */
  readonly effect: string;
  readonly done: string;
  readonly isDanger: boolean;
}

export interface RepairSubject {
  readonly run: Run;
  readonly step: RunStep | null;
  readonly manifest: NodeManifest | undefined;
}

/** Whether the step is drawn to read only and, as far as its input is known, does: a person may have edited that. */
const onlyReads = ({ run, step, manifest }: RepairSubject): boolean => {
  const drawn = run.graph.nodes.find(({ id }) => id === step?.stepId)?.input;
  if (!manifest || !drawn || resolveEffect(manifest, drawn)?.effect !== 'reads') return false;
  const used = step?.input;
  return !isObject(used) || resolveEffect(manifest, used)?.effect === 'reads';
};

const isObject = (value: Json | undefined): value is { readonly [field: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What doing the step again may do to the world. */
const repeatWords = (subject: RepairSubject): string => {
  const { step, manifest } = subject;
  if (onlyReads(subject)) return 'It only reads, so doing it again changes nothing.';
  if (step?.failure?.unsure) {
    return 'It is not known whether the last attempt had its effect. Check at the service first: if it did, complete the step with its result instead, or it happens twice.';
  }
  const idempotency = manifest?.idempotency;
  if (!idempotency || idempotency.by === 'nature') return 'Doing it again changes nothing that it did before.';
  if (idempotency.by === 'nobody') return idempotency.duplicates;
  return 'What an earlier attempt already did is recognised and not done twice.';
};

export const repairWords = (choice: RepairChoice, subject: RepairSubject): RepairWords => {
  const title = subject.step?.title ?? '';
  switch (choice) {
    case 'retryStep':
      return {
        title: `Retry “${title}”`,
        button: 'Retry the step',
        effect: `The step runs again with the same input, with a full set of attempts; what came before it does not run again. ${repeatWords(subject)}`,
        done: `“${title}” runs again.`,
        isDanger: false,
      };
    case 'retryWithInput':
      return {
        title: `Retry “${title}” with another input`,
        button: 'Retry with this input',
        effect:
          'The step runs with what you write here instead of its own input, in this run only. It counts as a new effect: nothing is recognised from the earlier attempts.',
        done: `“${title}” runs again with your input.`,
        isDanger: false,
      };
    case 'completeStep':
      return {
        title: `Complete “${title}” by hand`,
        button: 'Complete the step',
        effect:
          'The step does not run. The run goes on as if it had succeeded with the output you write here; later steps read it.',
        done: `“${title}” is complete; the run goes on.`,
        isDanger: false,
      };
    case 'skipStep':
      return {
        title: `Skip “${title}”`,
        button: 'Skip the step',
        effect:
          'The step does not run and has no output. The run goes on behind it; steps that read its output find nothing.',
        done: `“${title}” is skipped; the run goes on.`,
        isDanger: false,
      };
    case 'failRun':
      return {
        title: 'Fail this run',
        button: 'Fail the run',
        effect:
          'The run ends as failed, now and for good. Steps that have not run never will; what was done stays done.',
        done: 'The run has failed.',
        isDanger: true,
      };
    case 'cancelRun':
      return {
        title: 'Cancel this run',
        button: 'Cancel the run',
        effect:
          'Running steps are told to stop and the run ends as cancelled. What was already done stays done; a message that is on its way may still arrive.',
        done: 'The run is being cancelled.',
        isDanger: true,
      };
    default:
      throw unreachable(choice);
  }
};

/** What the editor starts with, for the choices that ask for a value; null for those that do not. */
export const repairDraft = (choice: RepairChoice, { step, manifest }: RepairSubject): Json | null | undefined => {
  if (choice === 'retryWithInput') return step?.input ?? {};
  if (choice === 'completeStep') return manifest?.examples[0]?.output ?? {};
  return undefined;
};

/** An input with masks in it cannot be sent: what was changed of it can. */
const inputOf = (value: Json, known: Json | undefined): { readonly input: Json } | { readonly edit: Json } => {
  const edit = findMask(known) === null ? null : patchBetween(known, value);
  return edit === null ? { input: value } : { edit };
};

/** The api's request. `known`: what the editor began with. `requestId` makes a second press the same repair. */
export const toRepairRequest = (
  choice: RepairChoice,
  path: string | null,
  value: Json,
  requestId: string,
  known?: Json,
): RunRepair | null => {
  switch (choice) {
    case 'failRun':
    case 'cancelRun':
      return { action: choice, requestId };
    case 'retryStep':
    case 'skipStep':
      return path === null ? null : { action: choice, path, requestId };
    case 'retryWithInput':
      return path === null ? null : { action: 'retryStep', path, ...inputOf(value, known), requestId };
    case 'completeStep':
      return path === null ? null : { action: 'completeStep', path, output: value, requestId };
    default:
      throw unreachable(choice);
  }
};
