import type { KeyboardEvent, ReactNode } from 'react';

const step = (key: string): number => {
  if (key === 'ArrowDown' || key === 'j') return 1;
  if (key === 'ArrowUp' || key === 'k') return -1;
  return 0;
};

/**
 * A list whose rows are reached with the arrow keys (or j and k) as well as with Tab. Each row marks its main link or
 * button with `data-row`; Enter is that element's own.
 */
export const KeyboardList = ({ label, children }: { readonly label: string; readonly children: ReactNode }) => {
  const move = (event: KeyboardEvent<HTMLUListElement>): void => {
    const target = event.target as HTMLElement;
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches('input, textarea, select')) return;
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
    const at = rows.findIndex((row) => row === target || row.closest('li')?.contains(target));
    const next = event.key === 'Home' ? rows[0] : event.key === 'End' ? rows.at(-1) : rows[at + step(event.key)];
    if (!next || (step(event.key) === 0 && event.key !== 'Home' && event.key !== 'End')) return;
    event.preventDefault();
    next.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the rows inside are the interactive elements
    <ul aria-label={label} onKeyDown={move} className="divide-y divide-line">
      {children}
    </ul>
  );
};
