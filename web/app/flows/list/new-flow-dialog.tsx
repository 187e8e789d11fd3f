import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useFetcher } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { ProblemNotice } from '#app/components/ui/notice.tsx';
import type { action } from './route.tsx';

/** A name is all that a flow begins with; then it is drawn. */
export const NewFlowButton = () => {
  const [isOpen, setOpen] = useState(false);
  const fetcher = useFetcher<typeof action>();
  const isBusy = fetcher.state !== 'idle';
  return (
    <>
      <Button variant="primary" icon={<Plus size={15} aria-hidden />} onClick={() => setOpen(true)}>
        New flow
      </Button>
      <Dialog
        open={isOpen}
        onOpenChange={setOpen}
        title="New flow"
        description="Give it a name that others will look for. You can change it later."
      >
        <fetcher.Form method="post">
          <input type="hidden" name="intent" value="create" />
          <TextField label="Name" name="name" required maxLength={120} placeholder="Thank new customers" />
          {fetcher.data && !fetcher.data.ok ? (
            <div className="mt-4">
              <ProblemNotice problem={fetcher.data.problem} />
            </div>
          ) : null}
          <DialogActions>
            <Button onClick={() => setOpen(false)}>Not now</Button>
            <Button type="submit" variant="primary" disabled={isBusy}>
              {isBusy ? 'Creating…' : 'Create and draw'}
            </Button>
          </DialogActions>
        </fetcher.Form>
      </Dialog>
    </>
  );
};
