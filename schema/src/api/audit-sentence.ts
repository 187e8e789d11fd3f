import { auditActions } from './audit-actions.ts';
import type { AuditEvent } from './audit.ts';

/** A piece of a sentence; names stand out. */
export interface SentencePart {
  readonly text: string;
  readonly isName?: true;
}

const sentences: Readonly<Record<string, string>> = auditActions;

/** What an entry says, for a person: “Ada published *Orders* version 4”. */
export const auditSentence = ({
  actor,
  action,
  target,
  details,
}: Pick<AuditEvent, 'actor' | 'action' | 'target' | 'details'>): SentencePart[] => {
  const template = sentences[action] ?? `did ${action} to {target}`;
  const parts = template.split(/(\{\w+\})/).map((piece): SentencePart => {
    const name = /^\{(\w+)\}$/.exec(piece)?.[1];
    if (name === undefined) return { text: piece };
    if (name === 'target') return { text: target.name ?? target.id, isName: true };
    return { text: wordOf(details[name]) };
  });
  const whole = [{ text: actor.name, isName: true as const }, { text: ' ' }, ...parts];
  return whole.filter(({ text }) => text !== '');
};

export const auditSentenceText = (event: Parameters<typeof auditSentence>[0]): string =>
  auditSentence(event)
    .map(({ text }) => text)
    .join('');

const wordOf = (value: unknown): string => {
  if (value === undefined || value === null) return 'something';
  return typeof value === 'string' ? value : JSON.stringify(value);
};
