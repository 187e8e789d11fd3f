import type { EffectKnowledge } from '@everwave/schema/api';
import { tables } from '@everwave/schema/db';
import { type SQL, sql } from 'drizzle-orm';

const { deadLetters, effects } = tables;

/** The ledger's last word on the effect of a letter's step, or the failure's own. `sent` means that no answer was noted. */
export const effectKnowledge: SQL<EffectKnowledge> = sql`coalesce(
  case when (${deadLetters.failure} ->> 'unsure')::boolean then 'unsure' end,
  (
    select case ledger.state
      when 'sent' then 'unsure'
      when 'unsure' then 'unsure'
      when 'confirmed' then 'confirmed'
      when 'failed' then 'failed'
      else 'none'
    end
    from ${effects} as ledger
    where ledger.org_id = ${deadLetters.orgId} and ledger.run_id = ${deadLetters.runId}
      and ledger.path = ${deadLetters.path}
    order by ledger.updated_at desc limit 1
  ),
  'none'
)`;
