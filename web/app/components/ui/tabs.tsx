import { type KeyboardEvent, type ReactNode, useRef } from 'react';
import { classNames } from '#app/words/class-names.ts';

interface TabListProps<Id extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly id: Id; readonly label: string }[];
  readonly selected: Id;
  readonly onSelect: (id: Id) => void;
}

/** Tabs inside a card: one stop for Tab, arrow keys between them. */
export const TabList = <Id extends string>({ label, tabs, selected, onSelect }: TabListProps<Id>) => {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    const at = (tabs.findIndex((tab) => tab.id === selected) + by + tabs.length) % tabs.length;
    const next = tabs[at];
    if (!next) return;
    onSelect(next.id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[at]?.focus();
  };
  return (
    <div ref={list} role="tablist" aria-label={label} className="mb-3 inline-flex gap-0.5 rounded-md bg-sunken p-0.5">
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`tab-${tab.id}`}
          aria-selected={tab.id === selected}
          aria-controls={tab.id === selected ? `panel-${tab.id}` : undefined}
          tabIndex={tab.id === selected ? 0 : -1}
          onClick={() => onSelect(tab.id)}
          onKeyDown={move}
          className={classNames(
            'tabular rounded-[6px] px-3 py-1 text-xs font-medium transition-colors duration-120',
            tab.id === selected ? 'bg-surface text-ink shadow-card' : 'text-ink-2 hover:text-ink',
          )}
        >
          {tab.label}
        </button>
      ))}
    </div>
  );
};

export const TabPanel = ({ id, children }: { readonly id: string; readonly children: ReactNode }) => (
  <div role="tabpanel" id={`panel-${id}`} aria-labelledby={`tab-${id}`} tabIndex={0} className="rounded-sm">
    {children}
  </div>
);
