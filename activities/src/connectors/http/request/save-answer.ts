import type { FileValue } from '@everwave/schema/flow';
import type * as z from 'zod';
import type { Step } from '../../../runtime/implement-node.ts';
import {
  readText,
  type ReplyHead,
  type RestReply,
  type RestRequest,
  sendAndRead,
} from '../../../runtime/rest-client.ts';
import type { httpRequest } from './definition.ts';

type Input = z.output<typeof httpRequest.input>;
type Saved = ReplyHead & { readonly file: FileValue };

/** What is read of an answer that is an error, and not to be saved. */
const longestReason = 65_536;

/** Sends a request, and stores what it is answered with while it comes. */
export const saveAnswer = (
  step: Step<typeof httpRequest>,
  { method, fileName }: Input,
  url: URL,
  request: RestRequest,
): Promise<Saved | RestReply> =>
  sendAndRead<Saved | RestReply>(step, url, request, async (head, body) => {
    if (head.status >= 400 || method === 'HEAD') return readText(head, body, longestReason);
    const name = fileName ?? nameIn(head.headers['content-disposition']) ?? nameOf(url);
    const mediaType = head.headers['content-type'] ?? null;
    return { ...head, file: await step.files.create({ name, mediaType }, body ?? Buffer.of()) };
  });

/** The name that a Content-Disposition header gives (RFC 6266). */
const nameIn = (header = ''): string | null => {
  const encoded = /;\s*filename\*\s*=\s*utf-8'[^']*'([^;\s]+)/i.exec(header)?.[1];
  const plain = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header);
  return decoded(encoded) ?? plain?.[1]?.replaceAll(/\\(.)/g, '$1') ?? plain?.[2] ?? null;
};

/** The end of the address. */
const nameOf = ({ pathname }: URL): string => {
  const last = pathname.split('/').at(-1) ?? '';
  return decoded(last) || 'download';
};

const decoded = (text: string | undefined): string | null => {
  if (text === undefined) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};
