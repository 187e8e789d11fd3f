import { Search, X } from 'lucide-react';
import { Form, useNavigate, useNavigation } from 'react-router';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { type RunFilter, runSpans, type RunSpan, runSpanWords } from './run-filter.ts';

interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly flows: readonly { readonly id: string; readonly name: string }[];
}

/** Flow, time and words; each change is a new address, so a filtered list can be shared and gone back to. */
export const RunFilters = ({ filter, flows }: RunFiltersProps) => {
  const navigate = useNavigate();
  const { location: coming } = useNavigation();

  /** On top of the address that is on its way, if one is: a filter chosen while a view still loads belongs to that view. */
  const apply = (form: HTMLFormElement): void => {
    const search = new URLSearchParams((coming ?? window.location).search);
    search.delete('cursor');
    for (const name of ['q', 'flow', 'within']) {
      const value = new FormData(form).get(name);
      if (typeof value === 'string' && value.trim() !== '') search.set(name, value);
      else search.delete(name);
    }
    void navigate(`?${search}`, { replace: true, preventScrollReset: true });
  };
  const isNarrowed = Boolean(filter.flow ?? filter.within ?? filter.q);
  return (
    <Form
      // Resets the fields when the address changes from elsewhere.
      key={`${filter.view}${filter.flow}${filter.within}`}
      role="search"
      onChange={(event) => apply(event.currentTarget)}
      className="mt-4 mb-3 flex flex-wrap items-center gap-2"
    >
      {filter.view === 'all' ? null : <input type="hidden" name="view" value={filter.view} />}
      <div className="relative w-full sm:w-72">
        <Search size={15} aria-hidden className="absolute top-1/2 left-3 -translate-y-1/2 text-ink-2" />
        <input
          type="search"
          name="q"
          defaultValue={filter.q ?? ''}
          placeholder="Flow, run id, failure"
          aria-label="Find runs by flow name, run id, request id or failure"
          className="field !py-1.5 !pl-9"
        />
      </div>
      <select name="flow" defaultValue={filter.flow ?? ''} aria-label="Flow" className="field !w-auto max-w-56 !py-1.5">
        <option value="">Every flow</option>
        {flows.map((flow) => (
          <option key={flow.id} value={flow.id}>
            {flow.name}
          </option>
        ))}
      </select>
      <select name="within" defaultValue={filter.within ?? ''} aria-label="Time" className="field !w-auto !py-1.5">
        <option value="">Any time</option>
        {(Object.keys(runSpans) as RunSpan[]).map((span) => (
          <option key={span} value={span}>
            {runSpanWords[span]}
          </option>
        ))}
      </select>
      {isNarrowed ? (
        <ButtonLink
          to={filter.view === 'all' ? '/runs' : `/runs?view=${filter.view}`}
          variant="quiet"
          size="sm"
          icon={<X size={14} aria-hidden />}
        >
          Clear
        </ButtonLink>
      ) : null}
    </Form>
  );
};
