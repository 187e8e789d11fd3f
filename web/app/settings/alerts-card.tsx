import { BellRing } from 'lucide-react';
import { Section } from '#app/components/data/section.tsx';
import { ButtonLink } from '#app/components/ui/button.tsx';
import { useMay } from '#app/shell/use-me.ts';

/** The way to the channels, for those who may set them. */
export const AlertsCard = () =>
  useMay('alerts:manage') ? (
    <Section title="Alerts">
      <p className="mb-3 text-ink-2">Mail, Slack channels and webhooks that are told when runs wait for a person.</p>
      <ButtonLink to="/settings/alerts" icon={<BellRing size={15} aria-hidden />}>
        Alert channels
      </ButtonLink>
    </Section>
  ) : null;
