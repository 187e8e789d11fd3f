import type { FlowGraph } from '@everwave/schema/flow';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog, DialogActions } from '#app/components/ui/dialog.tsx';
import type { Saved } from './builder-state.ts';
import { mergeDrawings } from './drawing/merge-drawings.ts';

interface ConflictDialogProps {
  readonly base: FlowGraph;
  readonly mine: FlowGraph;
  readonly theirs: Saved;
  readonly onSettle: (graph: FlowGraph) => void;
}

const named = (titles: readonly string[]): string =>
  titles.length > 6 ? `${titles.slice(0, 6).join(', ')} and ${titles.length - 6} more` : titles.join(', ');

/** Somebody else saved while this drawing was changed: nothing is overwritten before a person has decided. */
export const ConflictDialog = ({ base, mine, theirs, onSettle }: ConflictDialogProps) => {
  const merged = mergeDrawings(base, mine, theirs.graph);
  return (
    <Dialog
      open
      onOpenChange={() => {}}
      title="Somebody else has changed this draft"
      description="Your changes are here and not saved yet. Decide what the draft is to be; each way can be undone."
      size="md"
    >
      <ul className="list-disc space-y-1 pl-5">
        {merged.theirs.length > 0 ? <li>They changed: {named(merged.theirs)}.</li> : null}
        {merged.both.length > 0 ? (
          <li>Both of you changed: {named(merged.both)}. With “Keep both” these stay as you have them.</li>
        ) : (
          <li>You did not change the same steps.</li>
        )}
      </ul>
      <DialogActions>
        <Button onClick={() => onSettle(theirs.graph)}>Take theirs</Button>
        <Button onClick={() => onSettle(mine)}>Keep only mine</Button>
        <Button variant="primary" onClick={() => onSettle(merged.graph)}>
          Keep both
        </Button>
      </DialogActions>
    </Dialog>
  );
};
