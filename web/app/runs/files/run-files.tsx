import type { RunFile } from '@everwave/schema/api';
import { Download } from 'lucide-react';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { formatBytes } from '#app/words/numbers.ts';

interface RunFilesProps {
  readonly runId: string;
  readonly files: readonly RunFile[];
  /** There are more than these. */
  readonly hasMore: boolean;
}

/** The files that the run's steps have made, to be downloaded. */
export const RunFiles = ({ runId, files, hasMore }: RunFilesProps) =>
  files.length === 0 ? null : (
    <Section title="Files" flush>
      <ul className="divide-y divide-line">
        {files.map((file) => (
          <li key={`${file.runId} ${file.path} ${file.ordinal} ${file.sha256} ${file.name}`} className="px-5 py-3">
            <a
              className="prose-link inline-flex max-w-full items-start gap-1.5 [overflow-wrap:anywhere]"
              href={`/runs/${runId}/files/${file.sha256}`}
              download={file.name}
            >
              <Download size={14} aria-hidden className="mt-1 shrink-0" />
              {file.name}
            </a>
            <p className="text-xs text-ink-2 [overflow-wrap:anywhere]">
              {formatBytes(file.bytes)}, {file.mediaType}, by{' '}
              <Link className="prose-link font-mono" to={`/runs/${file.runId}?step=${encodeURIComponent(file.path)}`}>
                {file.path}
              </Link>
              {file.runId === runId ? null : ' in a sub-flow'}
            </p>
          </li>
        ))}
      </ul>
      {hasMore ? (
        <p className="border-t border-line px-5 py-2 text-xs text-ink-2">
          The first {files.length} files. All of them: <code>everwave run files {runId}</code>
        </p>
      ) : null}
    </Section>
  );
