import { ButtonLink } from '#app/components/ui/button.tsx';
import { Section } from '#app/components/data/section.tsx';

/** The way to what this flow's schedules do next. */
export const SchedulesCard = ({ flowId }: { readonly flowId: string }) => (
  <Section title="Schedules">
    <p className="mb-3 text-ink-2">This flow starts at times while it is on.</p>
    <ButtonLink to={`/workflows/schedules?flow=${flowId}`} size="sm">
      Next times, pause, make up for
    </ButtonLink>
  </Section>
);
