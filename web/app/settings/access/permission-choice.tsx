import { type Permission, permissions, permissionWords } from '@everwave/schema/api';

interface PermissionChoiceProps {
  readonly name: string;
  readonly chosen: readonly Permission[];
  /** Those that can be chosen; the others are shown, and cannot be changed. */
  readonly open: readonly Permission[];
  /** Leaves out what cannot be chosen. */
  readonly onlyOpen?: boolean;
}

const areas = [...new Set(permissions.map((permission) => permissionWords[permission].area))];

/** Every permission as a box to tick, in plain language, in groups. */
export const PermissionChoice = ({ name, chosen, open, onlyOpen = false }: PermissionChoiceProps) => (
  <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
    {areas.map((area) => {
      const shown = permissions.filter(
        (permission) => permissionWords[permission].area === area && (!onlyOpen || open.includes(permission)),
      );
      return shown.length === 0 ? null : (
        <fieldset key={area} className="min-w-0">
          <legend className="mb-1.5 text-xs font-semibold tracking-wide text-ink-2 uppercase">{area}</legend>
          <ul className="space-y-2">
            {shown.map((permission) => (
              <li key={permission}>
                <label className="flex gap-2.5">
                  <input
                    type="checkbox"
                    name={name}
                    value={permission}
                    defaultChecked={chosen.includes(permission)}
                    disabled={!open.includes(permission)}
                    className="mt-0.5 size-4 shrink-0 accent-burgundy"
                  />
                  <span className="min-w-0">
                    <span className="block font-medium">{permissionWords[permission].title}</span>
                    <span className="block text-xs text-ink-2">{permissionWords[permission].text}</span>
                  </span>
                </label>
              </li>
            ))}
          </ul>
        </fieldset>
      );
    })}
  </div>
);
