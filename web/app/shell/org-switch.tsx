import type { MyOrg } from '@everwave/schema/api';
import { Building2, Check, ChevronsUpDown } from 'lucide-react';
import { Form, useLocation } from 'react-router';
import { classNames } from '#app/words/class-names.ts';

/** The organisations of one person, and the way from one to another. Nothing for whoever has one alone. */
export const OrgSwitch = ({ orgs }: { readonly orgs: readonly MyOrg[] }) => {
  const { key } = useLocation();
  if (orgs.length < 2) return null;
  const active = orgs.find(({ isActive }) => isActive);
  return (
    // Closes by itself when it has led to another page; works without script.
    <details key={key} name="org-switch" className="group relative">
      <summary className="flex min-h-8 cursor-pointer list-none items-center gap-2 rounded-md px-2.5 text-xs font-medium text-ink-2 hover:bg-sunken hover:text-ink [&::-webkit-details-marker]:hidden">
        <Building2 size={15} aria-hidden className="shrink-0" />
        <span className="sr-only">Organisation: </span>
        <span className="sr-only truncate sm:not-sr-only sm:max-w-44">{active?.name ?? 'none'}</span>
        <ChevronsUpDown size={13} aria-hidden className="shrink-0" />
      </summary>
      <div className="absolute top-full right-0 z-40 mt-1 w-64 rounded-lg border border-line bg-surface p-1 shadow-over">
        <p className="px-3 pt-2 pb-1 text-xs text-ink-2">Your organisations</p>
        <ul>
          {orgs.map(({ id, name, role, isActive }) => (
            <li key={id}>
              <Form method="post" action="/switch-organisation">
                <input type="hidden" name="orgId" value={id} />
                <button
                  type="submit"
                  aria-current={isActive || undefined}
                  className={classNames(
                    'flex min-h-11 w-full items-center gap-3 rounded-md px-3 text-left hover:bg-sunken',
                    isActive && 'text-burgundy',
                  )}
                >
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-medium">{name}</span>
                    <span className="block text-xs text-ink-2">{role}</span>
                  </span>
                  {isActive ? <Check size={15} aria-hidden className="shrink-0" /> : null}
                </button>
              </Form>
            </li>
          ))}
        </ul>
      </div>
    </details>
  );
};
