import type { Me } from '@everwave/schema/api';
import { LogOut, Menu } from 'lucide-react';
import { useState } from 'react';
import { Form, NavLink, useLocation } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Dialog } from '#app/components/ui/dialog.tsx';
import { classNames } from '#app/words/class-names.ts';
import { places, type Waiting } from './places.ts';
import { WaitingCount } from './rail.tsx';

const tab = (isActive: boolean): string =>
  classNames(
    'relative flex h-15 flex-1 flex-col items-center justify-center gap-1 text-[11px] font-medium',
    isActive ? 'text-burgundy' : 'text-ink-2',
  );

interface BottomBarProps {
  readonly me: Me;
  readonly waiting: Waiting;
}

/** The navigation of small screens: four places under the thumb, the rest in a drawer. */
export const BottomBar = ({ me, waiting }: BottomBarProps) => {
  const { key } = useLocation();
  const [openedAt, setOpenedAt] = useState<string | null>(null);
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-[var(--glass)] pb-[env(safe-area-inset-bottom)] backdrop-blur-lg lg:hidden"
    >
      {places.slice(0, 4).map(({ to, label, icon: Icon }) => (
        <NavLink key={to} to={to} end={to === '/'} className={({ isActive }) => tab(isActive)}>
          <Icon size={20} aria-hidden />
          {label}
          {waiting[to] ? (
            <span className="absolute top-1 left-1/2 ml-1.5">
              <WaitingCount count={waiting[to]} />
            </span>
          ) : null}
        </NavLink>
      ))}
      <button type="button" className={tab(false)} onClick={() => setOpenedAt(key)}>
        <Menu size={20} aria-hidden />
        More
      </button>
      {/* Closes by itself when a link in it leads to another page. */}
      <Dialog
        open={openedAt === key}
        onOpenChange={(open) => setOpenedAt(open ? key : null)}
        title="More"
        description={`${me.user?.name ?? ''} · ${me.org.name}`}
      >
        <ul className="-mx-2 space-y-1">
          {places.slice(4).map(({ to, label, icon: Icon }) => (
            <li key={to}>
              <NavLink
                to={to}
                className="flex h-12 items-center gap-3 rounded-md px-2 text-base font-medium hover:bg-sunken aria-[current=page]:text-burgundy"
              >
                <Icon size={20} aria-hidden />
                <span className="flex-1">{label}</span>
                {waiting[to] ? <WaitingCount count={waiting[to]} /> : null}
              </NavLink>
            </li>
          ))}
        </ul>
        <Form method="post" action="/sign-out" className="mt-4 border-t border-line pt-4">
          <Button type="submit" className="w-full" icon={<LogOut size={16} aria-hidden />}>
            Sign out
          </Button>
        </Form>
      </Dialog>
    </nav>
  );
};
