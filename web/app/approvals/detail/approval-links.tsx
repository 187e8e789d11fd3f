import type { MadeApprovalLink } from '@everwave/schema/api';
import { Link2 } from 'lucide-react';
import { Form, useNavigation } from 'react-router';
import type { ActionResult } from '#app/api/api.server.ts';
import { Section } from '#app/components/data/section.tsx';
import { Button } from '#app/components/ui/button.tsx';
import { CopyButton } from '#app/components/ui/copy-button.tsx';
import { TextField } from '#app/components/ui/field.tsx';
import { Notice, ProblemNotice } from '#app/components/ui/notice.tsx';
import { TimeAgo } from '#app/time/time-ago.tsx';
import type { LinkDeed } from './links.server.ts';

interface ApprovalLinksProps {
  readonly links: readonly MadeApprovalLink[];
  /** While an answer is waited for. */
  readonly mayMake: boolean;
  readonly result: ActionResult<LinkDeed> | null;
}

const Made = ({ url, recipient }: { readonly url: string; readonly recipient: string }) => (
  <Notice tone="ok" title={`A link for ${recipient}`} role="status">
    <p>It is shown only now. Whoever opens it must sign in as {recipient}.</p>
    <p className="mt-1 flex items-center gap-2">
      <code className="font-mono text-xs [overflow-wrap:anywhere]">{url}</code>
      <CopyButton text={url} label="Copy the link" />
    </p>
  </Notice>
);

const LinkRow = ({ link }: { readonly link: MadeApprovalLink }) => (
  <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
    <div className="min-w-0 flex-1 basis-48">
      <p className="[overflow-wrap:anywhere]">{link.recipient}</p>
      <p className="text-xs text-ink-2">
        {link.usedAt ? 'Used up ' : 'Made '}
        <TimeAgo at={link.usedAt ?? link.createdAt} />
      </p>
    </div>
    {link.usedAt ? null : (
      <Form method="post">
        <input type="hidden" name="intent" value="revokeLink" />
        <input type="hidden" name="linkId" value={link.id} />
        <input type="hidden" name="recipient" value={link.recipient} />
        <Button type="submit" size="sm" variant="danger" aria-label={`Revoke the link for ${link.recipient}`}>
          Revoke
        </Button>
      </Form>
    )}
  </li>
);

/** Links by which single people come to the question: made, seen to be used, revoked. */
export const ApprovalLinks = ({ links, mayMake, result }: ApprovalLinksProps) => {
  const isBusy = useNavigation().state !== 'idle';
  const deed = result?.ok ? result.value : null;
  if (links.length === 0 && !mayMake) return null;
  return (
    <Section title="Links">
      {result && !result.ok ? <ProblemNotice problem={result.problem} /> : null}
      {deed?.did === 'made' ? <Made {...deed.link} /> : null}
      {deed?.did === 'revoked' ? (
        <Notice tone="ok" title={`The link for ${deed.recipient} leads nowhere any more`} role="status" />
      ) : null}
      {links.length > 0 ? (
        <ul className="divide-y divide-line">
          {links.map((link) => (
            <LinkRow key={link.id} link={link} />
          ))}
        </ul>
      ) : null}
      {mayMake ? (
        <Form method="post" className="mt-3 flex flex-col gap-3 sm:flex-row sm:items-end">
          <input type="hidden" name="intent" value="makeLink" />
          <div className="min-w-0 flex-1">
            <TextField
              label="For"
              name="recipient"
              type="email"
              required
              maxLength={320}
              autoComplete="off"
              placeholder="mara@example.com"
            />
          </div>
          <Button type="submit" icon={<Link2 size={15} aria-hidden />} aria-disabled={isBusy}>
            Make a link
          </Button>
        </Form>
      ) : null}
    </Section>
  );
};
