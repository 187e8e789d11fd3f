import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { CopyButton } from '#app/components/ui/copy-button.tsx';
import { toCurl } from '#app/flows/detail/to-curl.ts';

interface TryCardProps {
  readonly sample: { readonly name: string; readonly url: string | null } | null;
}

/** Before the first run: one command that makes one. */
export const TryCard = ({ sample }: TryCardProps) => {
  if (!sample?.url) {
    return (
      <Section title="Start here">
        <p className="text-ink-2">Open a flow and press Run now, or send an event to its webhook.</p>
        <div className="mt-4">
          <ButtonLink to="/workflows" variant="primary">
            Go to your flows
          </ButtonLink>
        </div>
      </Section>
    );
  }
  const curl = toCurl(sample.url, { orderId: 'A-1042', customerId: 'c_7', total: 129.9 });
  return (
    <Section title="Your first run is one command away">
      <p className="text-ink-2">
        The flow “{sample.name}” is on. Run this in a terminal: the answer holds the address of the run, and the run
        appears here while it happens.
      </p>
      <div className="relative mt-4 rounded-lg border border-line bg-sunken">
        <pre tabIndex={0} aria-label="curl command" className="overflow-x-auto p-4 pr-12 font-mono text-xs leading-5">
          {curl}
        </pre>
        <span className="absolute top-2 right-2">
          <CopyButton text={curl} label="Copy the command" />
        </span>
      </div>
    </Section>
  );
};
