import { tables } from '@everwave/schema/db';
import { type SQL, sql } from 'drizzle-orm';

const { deadLetters, flowVersions, runs } = tables;

/** A field of the letter's node as the version drew it that its run executes; null for a node that is not drawn there. */
export const drawnField = (field: 'title' | 'kind'): SQL<string | null> => sql`(
  select node ->> ${field}::text::text
  from ${runs} as drawn_run
  join ${flowVersions} as drawn
    on drawn.flow_id = drawn_run.flow_id and drawn.version = drawn_run.flow_version,
    jsonb_array_elements(drawn.graph -> 'nodes') as node
  where drawn_run.id = ${deadLetters.runId} and node ->> 'id' = ${deadLetters.stepId}
  limit 1
)`;
