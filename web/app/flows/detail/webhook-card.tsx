import type { FlowTrigger } from '@everwave/schema/api';
import { ShieldAlert, ShieldCheck } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';
import { CopyButton } from '#app/components/ui/copy-button.tsx';
import { toCurl } from './to-curl.ts';

interface WebhookCardProps {
  readonly trigger: FlowTrigger;
  readonly isOn: boolean;
}

const answers: Readonly<Record<FlowTrigger['answer'], string>> = {
  acknowledge: 'Each event sent here is stored, answered with the run’s address, and starts a run.',
  result:
    'Each event sent here is stored and starts a run, and the sender waits for what the run answers: at most 30 seconds, then it gets the run’s address.',
};

/** Where to send events, ready to copy, and what happens to them. */
export const WebhookCard = ({ trigger, isOn }: WebhookCardProps) => {
  if (trigger.url === null) return null;
  const curl = toCurl(trigger.url, { orderId: 'A-1042', customerId: 'c_7', total: 129.9 });
  return (
    <Section title="Webhook">
      <p className="text-ink-2">
        {isOn ? answers[trigger.answer] : 'The flow is off: events sent here are stored and wait in the inbox.'}
      </p>
      <div className="mt-3 flex items-center gap-1 rounded-md border border-line bg-sunken py-1 pr-1 pl-3">
        <code className="min-w-0 flex-1 truncate font-mono text-xs" title={trigger.url}>
          {trigger.url}
        </code>
        <CopyButton text={trigger.url} label="Copy the address" />
      </div>
      <details className="group mt-2">
        <summary className="cursor-pointer rounded-sm py-1 text-xs font-medium text-burgundy select-none">
          Try it with curl
        </summary>
        <div className="relative mt-1 rounded-md border border-line bg-sunken">
          <pre className="overflow-x-auto p-3 pr-11 font-mono text-xs leading-5" tabIndex={0} aria-label="curl command">
            {curl}
          </pre>
          <span className="absolute top-1 right-1">
            <CopyButton text={curl} label="Copy the command" />
          </span>
        </div>
      </details>
      <p className="mt-2 flex gap-2 text-xs text-ink-2">
        {trigger.signatureRequired ? (
          <>
            <ShieldCheck size={15} className="mt-px shrink-0 text-ok" aria-hidden />
            {trigger.hasSigningSecret
              ? 'Events must carry a valid Standard Webhooks signature.'
              : 'Events must be signed, and no secret is set yet: every event is refused.'}
          </>
        ) : (
          <>
            <ShieldAlert size={15} className="mt-px shrink-0 text-warn" aria-hidden />
            Whoever knows this address can start runs. Treat it like a password.
          </>
        )}
      </p>
    </Section>
  );
};
