import { Form } from 'react-router';
import { SelectField, TextField } from '#app/components/ui/field.tsx';
import { Button, ButtonLink } from '#app/components/ui/button.tsx';
import { areas, areaWord, type Filter } from './audit-filter.ts';

/** A plain form: the filter stands in the address. */
export const AuditFilters = ({ filter }: { readonly filter: Filter }) => (
  <Form
    method="get"
    key={JSON.stringify(filter)}
    role="search"
    className="card grid gap-3 p-4 sm:grid-cols-2 lg:grid-cols-3"
  >
    <TextField label="Person or key" name="actor" defaultValue={filter.actor ?? ''} placeholder="Ada" />
    <SelectField label="Action" name="action" defaultValue={filter.action ?? ''}>
      <option value="">All</option>
      {filter.action && !areas.includes(filter.action) ? <option>{filter.action}</option> : null}
      {areas.map((area) => (
        <option key={area} value={area}>
          {areaWord(area)}
        </option>
      ))}
    </SelectField>
    <TextField label="Done to" name="target" defaultValue={filter.target ?? ''} placeholder="Orders" />
    <TextField label="From" name="from" type="date" defaultValue={filter.from ?? ''} />
    <TextField label="Until" name="until" type="date" defaultValue={filter.until ?? ''} />
    <div className="flex items-end gap-2">
      <Button type="submit">Filter</Button>
      {Object.values(filter).some(Boolean) ? (
        <ButtonLink to="/settings/audit" variant="quiet">
          Show all
        </ButtonLink>
      ) : null}
    </div>
  </Form>
);
