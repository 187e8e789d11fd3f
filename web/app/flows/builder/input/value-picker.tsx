import { useState } from 'react';
import { NodeIcon } from '../../canvas/node-icon.tsx';
import type { SampleGroup } from './sample-values.ts';

interface ValuePickerProps {
  readonly id: string;
  readonly groups: readonly SampleGroup[];
  readonly onPick: (path: string) => void;
  readonly onClose: () => void;
}

/** The values that a step can read, by the step that gives them, with what they look like. */
export const ValuePicker = ({ id, groups, onPick, onClose }: ValuePickerProps) => {
  const [search, setSearch] = useState('');
  const words = search.trim().toLowerCase();
  const shown = groups
    .map((group) => ({
      ...group,
      values: group.values.filter(({ label }) => `${group.title} ${label}`.toLowerCase().includes(words)),
    }))
    .filter(({ values }) => values.length > 0);
  return (
    <div
      id={id}
      role="group"
      aria-label="Values of the run"
      className="mt-2 rounded-md border border-line bg-sunken p-2"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <input
        type="search"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it opens because somebody asked for it
        autoFocus
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        placeholder="Find a value"
        aria-label="Find a value"
        className="field !py-1 text-xs"
      />
      <ul className="mt-2 max-h-64 space-y-2 overflow-y-auto">
        {shown.map(({ title, kind, values }) => (
          <li key={`${title} ${values[0]?.path}`}>
            <p className="flex items-center gap-1.5 text-xs font-semibold">
              <NodeIcon kind={kind} size={18} />
              {title}
            </p>
            <ul>
              {values.map(({ path, label, sample }) => (
                <li key={path}>
                  <button
                    type="button"
                    onClick={() => onPick(path)}
                    className="flex w-full items-baseline justify-between gap-3 rounded px-1.5 py-1 text-left text-xs hover:bg-surface"
                  >
                    <span className="font-mono">{label}</span>
                    {sample ? <span className="truncate text-ink-2">{sample}</span> : null}
                  </button>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {shown.length === 0 ? (
        <p className="mt-2 text-xs text-ink-2">Nothing before this step gives such a value.</p>
      ) : null}
    </div>
  );
};
