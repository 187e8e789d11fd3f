import type { Me } from '@everwave/schema/api';
import { LogOut, PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { Form, Link, NavLink, useFetcher, useNavigation } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Logo } from '#app/components/ui/logo.tsx';
import { classNames } from '#app/words/class-names.ts';
import { type Place, places, type Waiting } from './places.ts';

interface RailProps {
  readonly me: Me;
  readonly waiting: Waiting;
  readonly collapsed: boolean;
}

export const WaitingCount = ({ count }: { readonly count: number }) => (
  <span className="tabular inline-grid min-w-5 place-items-center rounded-full bg-coral px-1.5 text-xs leading-5 font-semibold text-on-coral">
    {count > 99 ? '99+' : count}
    <span className="sr-only"> waiting</span>
  </span>
);

const RailLink = ({
  place,
  collapsed,
  waiting,
}: {
  readonly place: Place;
  readonly collapsed: boolean;
  readonly waiting: number;
}) => {
  const Icon = place.icon;
  const count = waiting;
  return (
    <NavLink
      to={place.to}
      end={place.to === '/'}
      title={collapsed ? place.label : undefined}
      className={({ isActive }) =>
        classNames(
          'group relative flex h-9 items-center gap-3 rounded-md px-2.5 font-medium transition-colors duration-150',
          isActive ? 'bg-coral/12 text-burgundy' : 'text-ink-2 hover:bg-sunken hover:text-ink',
        )
      }
    >
      {({ isActive }) => (
        <>
          <span
            aria-hidden
            className={classNames(
              'absolute inset-y-2 -left-3 w-[3px] rounded-full bg-coral transition-opacity duration-150',
              isActive ? 'opacity-100' : 'opacity-0',
            )}
          />
          <Icon size={18} strokeWidth={isActive ? 2.2 : 1.9} aria-hidden className="shrink-0" />
          <span className={collapsed ? 'sr-only' : 'flex-1'}>{place.label}</span>
          {count > 0 && !collapsed ? <WaitingCount count={count} /> : null}
          {count > 0 && collapsed ? (
            <span className="absolute top-1 right-1 size-2.5 rounded-full border-2 border-sunken bg-coral">
              <span className="sr-only">{count} waiting</span>
            </span>
          ) : null}
        </>
      )}
    </NavLink>
  );
};

/** The one navigation of wide screens. Collapses to its icons, and remembers that. */
export const Rail = ({ me, waiting, collapsed: stored }: RailProps) => {
  const preference = useFetcher();
  const navigation = useNavigation();
  const asked = preference.formData?.get('rail');
  const collapsed = asked ? asked === 'collapsed' : stored;
  const who = me.user?.name ?? me.apiKey?.name ?? '';

  return (
    <aside
      className={classNames(
        'hidden shrink-0 border-r border-line bg-sunken/60 transition-[width] duration-200 ease-out lg:block',
        collapsed ? 'w-[63px]' : 'w-[228px]',
      )}
    >
      <div className="sticky top-0 flex h-dvh flex-col px-3 pb-3">
        <Link to="/" className="mt-4 mb-6 flex h-8 items-center gap-2.5 rounded-md px-0.5" aria-label="Everwave, Home">
          <Logo className="h-[18px] w-9" breathing={navigation.state !== 'idle'} />
          {collapsed ? null : <span className="text-base font-semibold tracking-[-0.02em]">Everwave</span>}
        </Link>
        <nav aria-label="Main" className="flex-1">
          <ul className="space-y-0.5">
            {places.map((place) => (
              <li key={place.to}>
                <RailLink place={place} collapsed={collapsed} waiting={waiting[place.to] ?? 0} />
              </li>
            ))}
          </ul>
        </nav>

        <div className={classNames('flex items-center gap-1', collapsed ? 'flex-col' : 'justify-between')}>
          {collapsed ? null : (
            <div className="flex min-w-0 items-center gap-2.5 px-1">
              <span
                aria-hidden
                className="grid size-7 shrink-0 place-items-center rounded-full bg-burgundy text-xs font-semibold text-surface"
              >
                {who.charAt(0).toUpperCase()}
              </span>
              <span className="min-w-0 leading-tight">
                <span className="block truncate text-xs font-medium">{who}</span>
                <span className="block truncate text-xs text-ink-2">{me.org.name}</span>
              </span>
            </div>
          )}
          <Form method="post" action="/sign-out">
            <Button
              type="submit"
              variant="quiet"
              size="sm"
              aria-label="Sign out"
              title="Sign out"
              icon={<LogOut size={16} aria-hidden />}
            />
          </Form>
        </div>
        <preference.Form method="post" action="/preferences" className="mt-1 border-t border-line pt-2">
          <input type="hidden" name="rail" value={collapsed ? 'open' : 'collapsed'} />
          <Button
            type="submit"
            variant="quiet"
            size="sm"
            className={collapsed ? '' : 'w-full justify-start px-2.5'}
            aria-label={collapsed ? 'Open the rail' : undefined}
            icon={collapsed ? <PanelLeftOpen size={16} aria-hidden /> : <PanelLeftClose size={16} aria-hidden />}
          >
            {collapsed ? null : 'Collapse'}
          </Button>
        </preference.Form>
      </div>
    </aside>
  );
};
