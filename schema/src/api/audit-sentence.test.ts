import { describe, expect, it } from 'vitest';
import { auditActions } from './audit-actions.ts';
import { auditSentence, auditSentenceText } from './audit-sentence.ts';

const ada = { kind: 'user', id: 'u1', name: 'Ada' };
const orders = { kind: 'flow', id: 'flow_1', name: 'Orders' };

describe('an entry', () => {
  it('reads as a sentence, with names that stand out', () => {
    const event = { actor: ada, action: 'flow.published', target: orders, details: { version: 4 } };
    expect(auditSentenceText(event)).toBe('Ada published Orders version 4');
    expect(auditSentence(event).filter(({ isName }) => isName)).toEqual([
      { text: 'Ada', isName: true },
      { text: 'Orders', isName: true },
    ]);
  });

  it('names the id of what has no name, and says so of a detail that is not there', () => {
    const target = { kind: 'run', id: 'run_1', name: null };
    expect(auditSentenceText({ actor: ada, action: 'run.repaired', target, details: {} })).toBe(
      'Ada had something done on the run run_1',
    );
  });

  it('takes no sentence from a name', () => {
    const target = { ...orders, name: '{version} $& {target}' };
    expect(auditSentenceText({ actor: ada, action: 'flow.activated', target, details: {} })).toBe(
      'Ada turned {version} $& {target} on',
    );
  });

  it('of an action of another release can be read', () => {
    expect(auditSentenceText({ actor: ada, action: 'flow.folded', target: orders, details: {} })).toBe(
      'Ada did flow.folded to Orders',
    );
  });

  it.each(Object.entries(auditActions))('%s has a sentence that goes on behind a name', (action, sentence) => {
    expect(action).toMatch(/^[a-z_]+\.[a-z_]+$/);
    expect(sentence).toMatch(/^[a-z]/);
  });
});
