import type { NodeManifest } from '@everwave/schema/node';
import { Search } from 'lucide-react';
import { type KeyboardEvent, type RefObject, useMemo, useState } from 'react';
import { NodeIcon } from '../canvas/node-icon.tsx';

/** What is dragged from the palette onto the canvas. */
export const draggedKind = 'application/x-everwave-kind';

interface PaletteProps {
  readonly manifests: readonly NodeManifest[];
  readonly searchRef: RefObject<HTMLInputElement | null>;
  /** What a chosen kind will follow, in words; null when it will stand by itself. */
  readonly follows: string | null;
  readonly onChoose: (manifest: NodeManifest) => void;
}

const areas = { trigger: 'Starts a flow', control: 'Decides and waits', action: 'Does something' } as const;

/** The newest version of each kind that is not out of date. */
const newest = (manifests: readonly NodeManifest[]): readonly NodeManifest[] => {
  const byKind = new Map<string, NodeManifest>();
  for (const manifest of manifests) {
    const known = byKind.get(manifest.kind);
    if (!manifest.deprecated && (!known || known.version < manifest.version)) byKind.set(manifest.kind, manifest);
  }
  return [...byKind.values()];
};

const fits = ({ title, summary, kind }: NodeManifest, words: readonly string[]): boolean => {
  const text = `${title} ${summary} ${kind}`.toLowerCase();
  return words.every((word) => text.includes(word));
};

/** Each kind of step once, by what it is for. Enter takes the first one found; arrows go from one to the next. */
export const Palette = ({ manifests, searchRef, follows, onChoose }: PaletteProps) => {
  const [search, setSearch] = useState('');
  const kinds = useMemo(() => newest(manifests), [manifests]);
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = kinds.filter((manifest) => fits(manifest, words));
  const choose = (manifest: NodeManifest): void => {
    setSearch('');
    onChoose(manifest);
  };
  const walk = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('input, button')];
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const next = stops[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- arrows are a shortcut; Tab reaches all of it
    <div className="flex h-full min-h-0 flex-col" onKeyDown={walk}>
      <div className="relative border-b border-line p-3">
        <Search size={15} aria-hidden className="absolute top-1/2 left-6 -translate-y-1/2 text-ink-2" />
        <input
          ref={searchRef}
          type="search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && shown[0]) choose(shown[0]);
          }}
          placeholder="Find a step"
          aria-label="Find a step to add"
          className="field !py-1.5 !pl-9"
        />
      </div>
      <p className="px-4 pt-2 text-xs text-ink-2" role="status">
        {shown.length === 0
          ? 'No step is called that.'
          : follows === null
            ? 'Choose a step, or drag it onto the canvas.'
            : `Choose what follows “${follows}”.`}
      </p>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">
        {Object.entries(areas).map(([category, title]) => {
          const inArea = shown.filter((manifest) => manifest.category === category);
          return inArea.length === 0 ? null : (
            <section key={category} aria-label={title}>
              <h2 className="px-2 pt-3 pb-1 text-xs font-semibold text-ink-2">{title}</h2>
              <ul>
                {inArea.map((manifest) => (
                  <li key={manifest.kind}>
                    <button
                      type="button"
                      draggable
                      title={manifest.summary}
                      onDragStart={(event) => {
                        event.dataTransfer.setData(draggedKind, manifest.kind);
                        event.dataTransfer.effectAllowed = 'copy';
                      }}
                      onClick={() => choose(manifest)}
                      className="flex w-full cursor-grab items-center gap-2.5 rounded-md px-2 py-1.5 text-left hover:bg-sunken"
                    >
                      <NodeIcon kind={manifest.kind} size={24} />
                      <span className="min-w-0 truncate">{manifest.title}</span>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          );
        })}
      </div>
    </div>
  );
};
