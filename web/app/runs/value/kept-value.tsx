import type { KeptValue } from '@everwave/schema/api';
import { valueLimits } from '@everwave/schema/run';
import { Download } from 'lucide-react';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import { Button } from '#app/components/ui/button.tsx';
import { Notice } from '#app/components/ui/notice.tsx';
import { ValueTree } from '#app/components/values/value-tree.tsx';
import { formatBytes } from '#app/words/numbers.ts';
import { asksToUnmask, unmasked } from './unmask.ts';
import { type LoadedValue, loadValue, tooLargeHere } from './load-value.ts';

interface KeptValueProps {
  readonly kept: KeptValue;
  readonly url: string;
  /** What expressions call it. */
  readonly root: string;
}

/** A value that is too large to come with its page: how large, how it begins, and the way to all of it. */
export const KeptValueView = ({ kept, url: masked, root }: KeptValueProps) => {
  const [search] = useSearchParams();
  const url = asksToUnmask(search) ? unmasked(masked) : masked;
  const [loaded, setLoaded] = useState<LoadedValue | 'loading' | null>(null);
  const { bytes, preview } = kept;
  const isLoadable = bytes === null || bytes <= valueLimits.editable;
  if (loaded !== null && loaded !== 'loading' && loaded.ok) return <ValueTree value={loaded.value} root={root} />;
  return (
    <div className="space-y-3">
      <p className="text-ink-2">
        {bytes === null
          ? 'The step made its input from large values; this is the template it was made with.'
          : `${formatBytes(bytes)}. It begins like this:`}
      </p>
      <pre
        tabIndex={0}
        aria-label="The beginning of the value"
        className="max-h-48 overflow-auto rounded-md border bg-surface p-3 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
      >
        {preview}
      </pre>
      <div className="flex flex-wrap items-center gap-2">
        {isLoadable ? (
          <Button
            size="sm"
            disabled={loaded === 'loading'}
            onClick={() => {
              setLoaded('loading');
              void loadValue(url).then(setLoaded);
            }}
          >
            {loaded === 'loading' ? 'Loading…' : 'Load all'}
          </Button>
        ) : null}
        <a className="prose-link inline-flex items-center gap-1 text-sm" href={url} download>
          <Download size={14} aria-hidden />
          Download as JSON
        </a>
      </div>
      {isLoadable || bytes === null ? null : <p className="text-xs text-ink-2">{tooLargeHere(bytes)}</p>}
      {loaded !== null && loaded !== 'loading' && !loaded.ok ? (
        <Notice tone="warn" title="Not loaded">
          {loaded.message}
        </Notice>
      ) : null}
    </div>
  );
};
