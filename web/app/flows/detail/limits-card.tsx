import type { FlowLimits } from '@everwave/schema/api';
import { Link } from 'react-router';
import { Section } from '#app/components/data/section.tsx';
import { Places } from '#app/limits/places.tsx';

interface LimitsCardProps {
  readonly flowId: string;
  readonly limits: FlowLimits;
}

/** How far the flow's limits are used, and the way to set them. */
export const LimitsCard = ({ flowId, limits: { runs, eachFlow, usage } }: LimitsCardProps) => (
  <Section
    title="Limits"
    actions={
      <Link to={`/workflows/${flowId}/limits`} className="prose-link text-xs">
        Limits of this flow
      </Link>
    }
  >
    <p className="mb-1 text-xs font-medium">Runs</p>
    <Places of="runs" places={usage.runs} atOnce={(runs ?? eachFlow).atOnce} />
  </Section>
);
