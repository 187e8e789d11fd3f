import { LayoutGrid, Plus, Redo2, Undo2 } from 'lucide-react';
import type { Dispatch } from 'react';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { type BuilderAction, type BuilderState, hasUnsaved } from './builder-state.ts';
import { SaveState } from './save-state.tsx';

interface BuilderHeaderProps {
  readonly name: string;
  /** Where the builder leads back to. */
  readonly back: string;
  readonly state: BuilderState;
  readonly dispatch: Dispatch<BuilderAction>;
  readonly isSaving: boolean;
  readonly isPaletteOpen: boolean;
  readonly onPalette: () => void;
  readonly onArrange: () => void;
  readonly onPublish: () => void;
}

export const BuilderHeader = ({
  name,
  back,
  state,
  dispatch,
  isSaving,
  isPaletteOpen,
  onPalette,
  onArrange,
  onPublish,
}: BuilderHeaderProps) => {
  const { history, trouble } = state;
  return (
    <header className="flex flex-wrap items-center gap-2 border-b border-line bg-surface px-4 py-2">
      <h1 className="mr-2 min-w-0 truncate font-semibold">{name}</h1>
      <SaveState isSaving={isSaving} isUnsaved={hasUnsaved(state)} isUnreachable={trouble?.type === 'unreachable'} />
      <span className="ml-auto flex items-center gap-1">
        <Button
          variant="quiet"
          size="sm"
          className="lg:hidden"
          icon={<Plus size={15} aria-hidden />}
          aria-expanded={isPaletteOpen}
          onClick={onPalette}
        >
          Step
        </Button>
        <Button
          variant="quiet"
          size="sm"
          aria-label="Undo"
          title="Undo (Ctrl Z)"
          disabled={history.past.length === 0}
          icon={<Undo2 size={15} />}
          onClick={() => dispatch({ type: 'undo' })}
        />
        <Button
          variant="quiet"
          size="sm"
          aria-label="Redo"
          title="Redo (Ctrl Shift Z)"
          disabled={history.future.length === 0}
          icon={<Redo2 size={15} />}
          onClick={() => dispatch({ type: 'redo' })}
        />
        <Button
          variant="quiet"
          size="sm"
          aria-label="Tidy up the drawing"
          title="Tidy up"
          disabled={history.present.nodes.length < 2}
          icon={<LayoutGrid size={15} />}
          onClick={onArrange}
        />
        <ButtonLink size="sm" to={back}>
          Done
        </ButtonLink>
        <Button variant="primary" size="sm" onClick={onPublish}>
          Publish
        </Button>
      </span>
    </header>
  );
};
