import type { NodeManifest } from '@everwave/schema/node';
import { Link } from 'react-router';
import { SelectField } from '#app/components/ui/field.tsx';

export interface UsableConnection {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
}

interface ConnectionFieldProps {
  readonly credential: NonNullable<NodeManifest['credential']>;
  /** Null for those who may not see connections. */
  readonly connections: readonly UsableConnection[] | null;
  readonly connectionId: string | null;
  readonly problem: string | undefined;
  readonly onChange: (connectionId: string | null) => void;
}

/** In whose name the step acts. */
export const ConnectionField = ({ credential, connections, connectionId, problem, onChange }: ConnectionFieldProps) => {
  const fitting = (connections ?? []).filter(({ kind }) => kind === credential.kind);
  const isKnown = connectionId === null || fitting.some(({ id }) => id === connectionId);
  return (
    <SelectField
      label="Connection"
      optional={credential.optional}
      error={problem}
      hint={
        connections === null ? (
          'Connections are shown to those who may see them.'
        ) : (
          <>
            {fitting.length === 0 ? 'There is none of this kind yet. ' : null}
            <Link to="/connections" target="_blank" className="underline">
              Manage connections
            </Link>
          </>
        )
      }
      value={connectionId ?? ''}
      onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
    >
      <option value="">{credential.optional ? 'None' : 'Choose…'}</option>
      {isKnown ? null : <option value={connectionId ?? ''}>One that is not here</option>}
      {fitting.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
};
