import type { Json } from '@everwave/schema/flow';
import { mask } from '@everwave/schema/run';
import { Check, ChevronRight, EyeOff, Link2 } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useLocalFormat } from '#app/time/moment.tsx';
import { classNames } from '#app/words/class-names.ts';
import { type PathPart, toExpressionPath } from './value-path.ts';
import { describeBranch, isList, isMoment, isObject, type JsonObject, tableColumnsOf } from './value-shape.ts';

const opensBelowDepth = 2;
const shownAtOnce = 50;
const longText = 600;

const CopyPath = ({ path }: { readonly path: string }) => {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_400);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <button
      type="button"
      title={`Copy {{ ${path} }}`}
      aria-label={`Copy the path ${path}`}
      onClick={() => void navigator.clipboard.writeText(`{{ ${path} }}`).then(() => setCopied(true))}
      className="absolute top-0.5 right-0 grid size-5 place-items-center rounded-sm bg-surface text-ink-2 opacity-0 transition-opacity duration-120 group-hover/row:opacity-100 hover:text-ink focus-visible:opacity-100"
    >
      {copied ? <Check size={13} className="text-ok" aria-hidden /> : <Link2 size={13} aria-hidden />}
    </button>
  );
};

const Text = ({ value }: { readonly value: string }) => {
  const [isWhole, setWhole] = useState(false);
  const exact = useLocalFormat({ dateStyle: 'full', timeStyle: 'long' });
  const shown = isWhole || value.length <= longText ? value : value.slice(0, longText);
  return (
    <>
      <span
        className="whitespace-pre-wrap text-ok [overflow-wrap:anywhere]"
        title={isMoment(value) ? exact(value) : undefined}
      >
        {value === '' ? '""' : shown}
      </span>
      {shown.length < value.length ? (
        <button type="button" className="prose-link ml-1" onClick={() => setWhole(true)}>
          {`… ${value.length - shown.length} more characters`}
        </button>
      ) : null}
    </>
  );
};

const Masked = () => (
  <span className="inline-flex items-center gap-1 rounded-sm bg-sunken px-1.5 font-sans text-xs text-ink-2">
    <EyeOff size={12} aria-hidden />
    masked
  </span>
);

const Scalar = ({ value }: { readonly value: string | number | boolean | null }) => {
  if (value === mask) return <Masked />;
  if (typeof value === 'string') return <Text value={value} />;
  if (value === null) return <span className="text-ink-2">nothing</span>;
  return <span className={typeof value === 'number' ? 'text-info' : 'text-burgundy'}>{String(value)}</span>;
};

interface RowProps {
  readonly name: PathPart | null;
  readonly path: string;
  readonly children: ReactNode;
}

const Row = ({ name, path, children }: RowProps) => (
  <div className="group/row relative flex gap-2 py-px pr-6">
    {name === null ? null : <span className="shrink-0 text-ink-2">{name}</span>}
    <span className="min-w-0 flex-1">{children}</span>
    <CopyPath path={path} />
  </div>
);

const Table = ({ rows, columns }: { readonly rows: readonly JsonObject[]; readonly columns: readonly string[] }) => (
  <div className="my-1 overflow-x-auto rounded-md border border-line">
    <table className="w-full text-left text-xs">
      <thead className="bg-sunken text-ink-2">
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" className="px-2 py-1 font-medium">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.slice(0, shownAtOnce).map((row, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- a stored value's rows never move
          <tr key={at}>
            {columns.map((column) => (
              <td key={column} className="px-2 py-1 align-top [overflow-wrap:anywhere]">
                <Scalar value={(row[column] ?? null) as string | number | boolean | null} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
    {rows.length > shownAtOnce ? (
      <p className="border-t border-line px-2 py-1 text-xs text-ink-2">and {rows.length - shownAtOnce} more rows</p>
    ) : null}
  </div>
);

interface NodeProps {
  readonly name: PathPart | null;
  readonly value: Json;
  readonly root: string;
  readonly parts: readonly PathPart[];
}

const Branch = ({ name, value, root, parts }: NodeProps & { readonly value: JsonObject | readonly Json[] }) => {
  const entries: readonly (readonly [PathPart, Json])[] = isList(value)
    ? value.map((item, at) => [at, item] as const)
    : Object.entries(value);
  const [isOpen, setOpen] = useState(parts.length < opensBelowDepth && entries.length > 0);
  const [limit, setLimit] = useState(shownAtOnce);
  const columns = isList(value) ? tableColumnsOf(value) : null;
  return (
    <div>
      <Row name={null} path={toExpressionPath(root, parts)}>
        <button
          type="button"
          aria-expanded={isOpen}
          disabled={entries.length === 0}
          onClick={() => setOpen(!isOpen)}
          className="-ml-0.5 inline-flex items-center gap-1 rounded-sm text-left"
        >
          <ChevronRight
            size={13}
            aria-hidden
            className={classNames(
              'shrink-0 text-ink-2 transition-transform duration-120',
              isOpen && 'rotate-90',
              entries.length === 0 && 'opacity-0',
            )}
          />
          {name === null ? null : <span className="text-ink-2">{name}</span>}
          <span className="text-ink-2">{describeBranch(value)}</span>
        </button>
      </Row>
      {isOpen ? (
        <div className="ml-[5px] border-l border-line pl-3">
          {columns ? (
            <Table rows={value as readonly JsonObject[]} columns={columns} />
          ) : (
            entries
              .slice(0, limit)
              .map(([key, child]) => (
                <ValueNode key={key} name={key} value={child} root={root} parts={[...parts, key]} />
              ))
          )}
          {!columns && entries.length > limit ? (
            <button type="button" className="prose-link" onClick={() => setLimit(limit + shownAtOnce * 4)}>
              {entries.length - limit} more
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  );
};

const ValueNode = (props: NodeProps) => {
  const { name, value, root, parts } = props;
  if (isList(value) || isObject(value)) return <Branch {...props} value={value} />;
  return (
    <Row name={name} path={toExpressionPath(root, parts)}>
      <Scalar value={value} />
    </Row>
  );
};

interface ValueTreeProps {
  readonly value: Json;
  /** How expressions name the whole value: `steps.customer.output`. */
  readonly root: string;
}

/** A value as a tree; each place in it can be copied as the expression that reads it. */
export const ValueTree = ({ value, root }: ValueTreeProps) => (
  <div className="font-mono text-xs leading-5">
    <ValueNode name={null} value={value} root={root} parts={[]} />
  </div>
);
