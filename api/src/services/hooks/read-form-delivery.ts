import { randomUUIDv7 } from 'node:crypto';
import { type FormRequest, receiveForm } from '@everwave/activities/triggers';
import { toId } from '@everwave/schema/ids';
import { forgetFiles, keepFile } from '@everwave/temporal/values';
import type { AppDependencies } from '../../context.ts';
import type { FoundTrigger } from './find-trigger.ts';
import { type ReadDelivery, signingOf, toReadDelivery } from './read-delivery.ts';

/**
 * Reads a form, and stores its files as they come: they are the delivery's. Throws what the sender is to be told; then
 * nothing of the form is left.
 */
export const readFormDelivery = async (
  tools: Pick<AppDependencies, 'db' | 'ring'>,
  trigger: FoundTrigger,
  request: FormRequest,
  { fileBytes }: { readonly fileBytes: number },
): Promise<ReadDelivery> => {
  const { db, ring } = tools;
  const { orgId, nodeId } = trigger;
  const id = toId('dlv', randomUUIDv7());
  const signing = await signingOf(tools, trigger);
  let files = 0;
  try {
    const reception = await receiveForm(request, signing, {
      now: Date.now(),
      fileBytes,
      store: (file, content) => {
        files += 1;
        // By its delivery too: a run may have files of several.
        const name = `file:${id}:${String(files).padStart(2, '0')}`;
        return keepFile(db, ring, [{ orgId, runId: id, path: nodeId, ordinal: 1, name }], { ...file, content });
      },
    });
    return { ...toReadDelivery(reception), id };
  } catch (error) {
    if (files > 0) await forgetFiles(db, { orgId, runId: id });
    throw error;
  }
};
