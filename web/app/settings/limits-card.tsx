import { Gauge } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';

/** The way to the limits, which everybody may look at. */
export const LimitsCard = () => (
  <Section title="Limits">
    <p className="mb-3 text-ink-2">How many runs and steps there are at once, and how often they begin.</p>
    <ButtonLink to="/settings/limits" icon={<Gauge size={15} aria-hidden />}>
      Limits of the organisation
    </ButtonLink>
  </Section>
);
