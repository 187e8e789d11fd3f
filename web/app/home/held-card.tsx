import { CirclePause } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { formatCount } from '#app/words/numbers.ts';

interface HeldCardProps {
  readonly held: { readonly count: number; readonly isAll: boolean };
}

/** Events that arrived for flows that are off: safe, and waiting. */
export const HeldCard = ({ held }: HeldCardProps) => (
  <Section title="Held in the inbox">
    <div className="flex gap-3">
      <CirclePause size={18} aria-hidden className="mt-0.5 shrink-0 text-warn" />
      <div>
        <p>
          {held.isAll ? '' : 'More than '}
          {formatCount(held.count, 'event')} arrived for a flow that is off. {held.count === 1 ? 'It is' : 'They are'}{' '}
          stored and can be replayed.
        </p>
        <ButtonLink to="/inbox?view=held" size="sm" className="mt-3">
          Look at {held.count === 1 ? 'it' : 'them'}
        </ButtonLink>
      </div>
    </div>
  </Section>
);
