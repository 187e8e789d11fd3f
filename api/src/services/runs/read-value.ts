import { evaluateRequest, type EvaluationRequest } from '@everwave/schema/expression';
import type { Json } from '@everwave/schema/flow';
import type { Mask } from '@everwave/schema/run';
import { tables, withOrg } from '@everwave/schema/db';
import { additionalData } from '@everwave/temporal/encryption';
import { collectBlob, openShown, readBlob } from '@everwave/temporal/values';
import { and, desc, eq } from 'drizzle-orm';
import type { ServiceContext } from '../../context.ts';
import type { StreamedValue } from '../../http/stream-value.ts';
import { problem } from '../../problems.ts';
import { maskFor } from '../masking/mask-for.ts';
import { getRun } from './find-run.ts';

const { runSteps } = tables;

/** Bytes of the values that are loaded to evaluate an input once more. */
const largestEvaluated = 64 * 1024 * 1024;
/** Bytes of a value that is taken into memory to mask what is in it. */
const largestMasked = 32 * 1024 * 1024;

export interface StepOfRun {
  readonly runId: string;
  readonly path: string;
  readonly ordinal?: number | undefined;
  /** Shows masked fields too. */
  readonly unmask?: boolean;
}

/** What a step has given, whole. */
export const readStepOutput = async (context: ServiceContext, step: StepOfRun): Promise<StreamedValue> => {
  const { path, ordinal, outputSealed, mask } = await getStep(context, step);
  const what = `The step ${path} has no output.`;
  return open(context, {
    sealed: outputSealed,
    binding: additionalData.stepOutput(step.runId, path, ordinal),
    what,
    mask,
  });
};

/** What a step was given, whole. */
export const readStepInput = async (context: ServiceContext, step: StepOfRun): Promise<StreamedValue> => {
  const { path, ordinal, inputSealed, mask } = await getStep(context, step);
  const what = `No input of the step ${path} is kept.`;
  return open(context, {
    sealed: inputSealed,
    binding: additionalData.stepInput(step.runId, path, ordinal),
    what,
    mask,
  });
};

/** What a run has given, whole. */
export const readRunOutput = async (
  context: ServiceContext,
  runId: string,
  unmask?: boolean,
): Promise<StreamedValue> => {
  const { outputSealed, mask } = await withOrg(context.db, context.caller.orgId, async (tx) => {
    const run = await getRun(tx, context, runId);
    return {
      ...run,
      mask: await maskFor(tx, context, { flowId: run.flowId, target: { kind: 'run', id: runId }, unmask }),
    };
  });
  const what = `The run ${runId} has no output.`;
  return open(context, { sealed: outputSealed, binding: additionalData.runOutput(runId), what, mask });
};

const getStep = (context: ServiceContext, { runId, path, ordinal, unmask }: StepOfRun) =>
  withOrg(context.db, context.caller.orgId, async (tx) => {
    const run = await getRun(tx, context, runId);
    const [row] = await tx
      .select()
      .from(runSteps)
      .where(
        and(
          eq(runSteps.orgId, run.orgId),
          eq(runSteps.runId, run.id),
          eq(runSteps.path, path),
          ordinal === undefined ? undefined : eq(runSteps.ordinal, ordinal),
        ),
      )
      .orderBy(desc(runSteps.ordinal))
      .limit(1);
    const which = ordinal === undefined ? path : `${path}~${ordinal}`;
    if (!row) throw problem('step_value_not_found', `The run ${runId} has no step ${which}.`);
    const mask = await maskFor(tx, context, { flowId: run.flowId, target: { kind: 'run', id: runId }, unmask });
    return { ...row, mask };
  });

interface Sealed {
  readonly sealed: Uint8Array | null;
  readonly binding: string;
  /** What is said when there is none. */
  readonly what: string;
  readonly mask: Mask | null;
}

const open = async (context: ServiceContext, { sealed, binding, what, mask }: Sealed): Promise<StreamedValue> => {
  if (!sealed) throw problem('step_value_not_found', what);
  const which = { orgId: context.caller.orgId, sealed, binding };
  return mask ? inOnePart(mask(await openToMask(context, which))) : openStream(context, which);
};

const openToMask = async (context: ServiceContext, which: Parameters<typeof openWhole>[1]): Promise<Json> => {
  const shown = await openShown(context.ring, which);
  if ('reference' in shown && shown.reference.bytes > largestMasked) {
    const message = `Your org masks fields. This value has ${shown.reference.bytes} bytes; up to ${largestMasked} it can be shown with its masks. Whole it is for those with the permission values:unmask.`;
    throw problem('value_too_large', message);
  }
  return openWhole(context, which);
};

/** A value on its way out: what is kept outside of the run is not collected. */
export const openStream = async (
  context: Pick<ServiceContext, 'db' | 'ring'>,
  sealed: { readonly orgId: string; readonly sealed: Uint8Array; readonly binding: string },
): Promise<StreamedValue> => {
  const { db, ring } = context;
  const shown = await openShown(ring, sealed);
  if ('value' in shown) return inOnePart(shown.value);
  if ('recipe' in shown) return inOnePart(await evaluateAgain(context, sealed.orgId, shown.recipe));
  return (await readBlob(db, ring, sealed.orgId, shown.reference.sha256)) ?? gone(shown.reference.sha256);
};

/** A value in memory, as it was before it was kept elsewhere or put together again. */
export const openWhole = async (
  context: Pick<ServiceContext, 'db' | 'ring'>,
  sealed: { readonly orgId: string; readonly sealed: Uint8Array; readonly binding: string },
): Promise<Json> => {
  const shown = await openShown(context.ring, sealed);
  if ('value' in shown) return shown.value;
  if ('recipe' in shown) return evaluateAgain(context, sealed.orgId, shown.recipe);
  return loadValue(context, sealed.orgId, shown.reference.sha256);
};

const loadValue = async (
  { db, ring }: Pick<ServiceContext, 'db' | 'ring'>,
  orgId: string,
  sha256: string,
): Promise<Json> => {
  const blob = (await readBlob(db, ring, orgId, sha256)) ?? gone(sha256);
  return JSON.parse((await collectBlob(blob)).toString('utf8')) as Json;
};

const inOnePart = (value: Json): StreamedValue => {
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  return { bytes: json.length, content: parts([json]) };
};

async function* parts(all: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* all;
}

const gone = (sha256: string): never => {
  throw problem('step_value_not_found', `The value ${sha256} is no longer stored. Restore it from a backup.`);
};

/** As the step itself did: the same template, values, time and seed. */
const evaluateAgain = async (
  context: Pick<ServiceContext, 'db' | 'ring'>,
  orgId: string,
  recipe: EvaluationRequest,
): Promise<Json> => {
  const bytes = recipe.references.reduce((sum, reference) => sum + reference.bytes, 0);
  if (bytes > largestEvaluated) {
    const message = `This input is made of values of ${bytes} bytes; up to ${largestEvaluated} it can be shown. Read the outputs of the steps that it is made of.`;
    throw problem('value_too_large', message);
  }
  const reply = await evaluateRequest(recipe, ({ sha256 }) => loadValue(context, orgId, sha256));
  if (!reply.ok) throw problem('step_value_not_found', `The input cannot be evaluated: ${reply.error.message}`);
  return reply.value ?? null;
};
