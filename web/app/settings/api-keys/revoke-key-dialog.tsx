import type { ApiKey } from '@everwave/schema/api';
import { useEffect } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import { useToast } from '#app/components/ui/toaster.tsx';
import type { action } from './route.tsx';

export const RevokeKeyDialog = ({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) => {
  const fetcher = useFetcher<typeof action>();
  const toast = useToast();
  const result = fetcher.data;
  useEffect(() => {
    if (!result?.ok) return;
    toast(`${apiKey.name} no longer works.`);
    onClose();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once per answer
  }, [result]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Revoke “${apiKey.name}”`}
      description="Whatever uses this key is refused from now on. This cannot be undone; a new key can be made at any time."
    >
      <fetcher.Form method="post" action="/settings/api-keys">
        <input type="hidden" name="intent" value="revoke" />
        <input type="hidden" name="keyId" value={apiKey.id} />
        {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
        <DialogActions>
          <Button onClick={onClose}>Keep it</Button>
          <Button type="submit" variant="danger" disabled={fetcher.state !== 'idle'}>
            Revoke the key
          </Button>
        </DialogActions>
      </fetcher.Form>
    </Dialog>
  );
};
