import type { AuditEvent } from '@everwave/schema/api';

type Change = NonNullable<AuditEvent['changes']>[string];

/** Each field with what it was and what it became, in words and not by colour alone. */
export const ChangeList = ({ changes }: { readonly changes: Readonly<Record<string, Change>> }) => (
  <table className="w-full table-fixed text-xs">
    <thead className="sr-only sm:not-sr-only">
      <tr className="text-left text-ink-2">
        <th className="pb-1 font-medium sm:w-32">Field</th>
        <th className="pb-1 font-medium">Before</th>
        <th className="pb-1 font-medium">After</th>
      </tr>
    </thead>
    <tbody>
      {Object.entries(changes).map(([field, change]) => (
        <tr key={field} className="border-t border-line align-top">
          <th scope="row" className="py-1.5 pr-2 text-left font-medium break-words">
            {field}
          </th>
          {change.isHidden ? (
            <td colSpan={2} className="py-1.5 text-ink-2">
              a secret, changed
            </td>
          ) : (
            <>
              <td className="py-1.5 pr-2 font-mono break-words text-ink-2">
                <Value value={change.before} />
              </td>
              <td className="py-1.5 font-mono break-words">
                <Value value={change.after} />
              </td>
            </>
          )}
        </tr>
      ))}
    </tbody>
  </table>
);

const Value = ({ value }: { readonly value: unknown }) =>
  value === null || value === undefined || value === '' ? (
    <span className="font-sans text-ink-2">none</span>
  ) : (
    <>{typeof value === 'string' ? value : JSON.stringify(value)}</>
  );
