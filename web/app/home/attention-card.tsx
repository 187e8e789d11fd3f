import type { DeadLetter } from '@everwave/schema/api';
import { Link } from 'react-router';
import { DeadLetterRow } from '#app/attention/dead-letter-row.tsx';
import { KeyboardList } from '#app/components/data/keyboard-list.tsx';
import { Section } from '#app/components/data/section.tsx';

interface AttentionCardProps {
  readonly letters: readonly DeadLetter[];
  /** How many wait in all. */
  readonly open: number;
}

export const AttentionCard = ({ letters, open }: AttentionCardProps) => (
  <Section
    title="Waiting for you"
    flush
    actions={
      open > letters.length ? (
        <Link to="/attention" className="prose-link text-xs">
          All {open}
        </Link>
      ) : null
    }
  >
    <KeyboardList label="Steps waiting for you">
      {letters.map((letter) => (
        <DeadLetterRow key={letter.id} letter={letter} />
      ))}
    </KeyboardList>
  </Section>
);
