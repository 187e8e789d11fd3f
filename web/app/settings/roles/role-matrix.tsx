import { type OrgRole, permissions, permissionWords } from '@everwave/schema/api';
import { Check, Minus } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';

/** Which role holds what: permissions down, roles across. */
export const RoleMatrix = ({ roles }: { readonly roles: readonly OrgRole[] }) => (
  <Section title="Who may do what" flush>
    {/* Positioned, so that what only screen readers see is cut off with the rest. */}
    {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
    <div className="relative overflow-x-auto" tabIndex={0} role="region" aria-label="Permissions of each role">
      <table className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b border-line text-xs text-ink-2">
            <th scope="col" className="sticky left-0 bg-surface px-5 py-2 font-medium">
              Permission
            </th>
            {roles.map(({ id, name }) => (
              <th key={id} scope="col" className="max-w-32 truncate px-3 py-2 text-center font-medium">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {permissions.map((permission) => (
            <tr key={permission} className="border-b border-line last:border-0">
              <th scope="row" className="sticky left-0 max-w-44 bg-surface px-5 py-2 font-medium sm:max-w-none">
                {permissionWords[permission].title}
                <span className="hidden text-xs font-normal text-ink-2 sm:block">
                  {permissionWords[permission].text}
                </span>
              </th>
              {roles.map((role) => {
                const holds = role.permissions.includes(permission);
                const Icon = holds ? Check : Minus;
                return (
                  <td key={role.id} className="px-3 py-2 text-center">
                    <Icon size={16} aria-hidden className={holds ? 'inline text-ok' : 'inline text-ink-2'} />
                    <span className="sr-only">{holds ? 'yes' : 'no'}</span>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </Section>
);
