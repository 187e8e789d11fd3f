import type { CreatedApiKey } from '@everwave/schema/api';
import { Button } from '#app/components/ui/button.tsx';
import { CopyButton } from '#app/components/ui/copy-button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';

/** The one time a key is seen. */
export const NewKeyDialog = ({
  created,
  onClose,
}: {
  readonly created: CreatedApiKey;
  readonly onClose: () => void;
}) => (
  <Dialog
    open
    onOpenChange={(open) => !open && onClose()}
    title={`Copy “${created.name}” now`}
    description="This is the only time the key is shown. Put it where the program that uses it keeps its secrets."
  >
    <div className="flex items-start gap-1 rounded-md border border-line bg-sunken py-2 pr-1 pl-3">
      <code className="min-w-0 flex-1 py-1 font-mono text-xs [overflow-wrap:anywhere]">{created.key}</code>
      <CopyButton text={created.key} label="Copy the key" />
    </div>
    <p className="mt-3 text-xs text-ink-2">
      Send it as <code className="font-mono">Authorization: Bearer …</code>, or set{' '}
      <code className="font-mono">EVERWAVE_API_KEY</code> for the everwave command.
    </p>
    <DialogActions>
      <Button variant="primary" onClick={onClose}>
        I have copied it
      </Button>
    </DialogActions>
  </Dialog>
);
