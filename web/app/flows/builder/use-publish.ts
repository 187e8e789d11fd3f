import { useEffect, useEffectEvent, useState } from 'react';
import { useFetcher } from 'react-router';
import { useToast } from '#app/components/ui/toaster.tsx';
import type { action } from './route.tsx';
import type { Autosave } from './use-autosave.ts';

/** Saves what is drawn and makes it the live version. */
export const usePublish = ({ flush, isSaving }: Autosave) => {
  const fetcher = useFetcher<typeof action>();
  const [isOpen, setOpen] = useState(false);
  const toast = useToast();
  const answer = fetcher.data;
  const announce = useEffectEvent((version: number): void => {
    setOpen(false);
    toast(`Version ${version} is live.`);
  });
  useEffect(() => {
    if (answer?.ok) announce(answer.value.version);
  }, [answer]);
  const publish = async (note: string): Promise<void> => {
    const saved = await flush();
    if (!saved) return;
    await fetcher.submit({ note, draftRevision: saved.revision }, { method: 'post', encType: 'application/json' });
  };
  return {
    isOpen,
    open: () => setOpen(true),
    close: () => setOpen(false),
    publish,
    problem: answer && !answer.ok ? answer.problem : null,
    isBusy: fetcher.state !== 'idle' || isSaving,
  };
};
