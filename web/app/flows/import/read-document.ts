import { fromExport, type PortableFlow } from '@everwave/schema/flow';
import { parseJson } from '#app/components/values/parse-json.ts';
import { fromN8n, type ImportNote } from './n8n/from-n8n.ts';
import { isN8nExport } from './n8n/n8n-export.ts';

export type ReadDocument =
  | { readonly ok: true; readonly flow: PortableFlow; readonly notes: readonly ImportNote[] }
  | {
      readonly ok: false;
      readonly title: string;
      readonly problems: readonly { readonly path: string; readonly message: string }[];
    };

/** Characters of a file: a drawing of 1,000 steps has some 400,000. */
export const longestDocument = 2_000_000;
const shownProblems = 12;

/** What a file says, or why it says nothing that can be drawn. */
export const readDocument = (text: string): ReadDocument => {
  const refuse = (title: string, problems: readonly { path: string; message: string }[] = []): ReadDocument => ({
    ok: false,
    title,
    problems,
  });
  if (text.trim() === '') return refuse('Choose a file, or paste what is in it.');
  if (text.length > longestDocument) return refuse('The file is too large for a flow.');
  const json = parseJson(text);
  if (!json.ok) return refuse('This is not JSON.', [{ path: '', message: json.message }]);
  const isFromN8n = isN8nExport(json.value);
  const imported = isFromN8n ? fromN8n(json.value) : { notes: [], ...fromExport(json.value) };
  if (imported.ok) return imported;
  const more = imported.problems.length - shownProblems;
  const title = isFromN8n ? 'This is not a workflow that n8n exported.' : 'This is not a flow that Everwave exported.';
  return refuse(title, [
    ...imported.problems.slice(0, shownProblems),
    ...(more > 0 ? [{ path: '…', message: `${more} more` }] : []),
  ]);
};
