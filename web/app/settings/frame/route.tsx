import { NavLink, Outlet } from 'react-router';
import { useMe } from '#app/shell/use-me.ts';
import { classNames } from '#app/words/class-names.ts';
import { sectionsFor } from '../sections.ts';

/** The list of the settings' pages, beside the page on wide screens and above it on narrow ones. */
export default function SettingsFrame() {
  const shown = sectionsFor(useMe());
  return (
    <div className="gap-8 lg:grid lg:grid-cols-[168px_minmax(0,1fr)]">
      <nav
        aria-label="Settings"
        className="-mx-4 mb-6 overflow-x-auto px-4 [scrollbar-width:none] sm:mx-0 sm:px-0 lg:mb-0 lg:overflow-visible"
      >
        <ul className="flex min-w-max gap-1 lg:sticky lg:top-19 lg:min-w-0 lg:flex-col">
          {shown.map(({ to, label }) => (
            <li key={to}>
              <NavLink
                to={to}
                end
                className={({ isActive }) =>
                  classNames(
                    'flex min-h-9 items-center rounded-md px-3 font-medium transition-colors duration-150',
                    isActive ? 'bg-coral/12 text-burgundy' : 'text-ink-2 hover:bg-sunken hover:text-ink',
                  )
                }
              >
                {label}
              </NavLink>
            </li>
          ))}
        </ul>
      </nav>
      <div className="min-w-0">
        <Outlet />
      </div>
    </div>
  );
}
