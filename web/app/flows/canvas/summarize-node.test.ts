import { graphNodeSchema } from '@everwave/schema/flow';
import { describe, expect, it } from 'vitest';
import { partsOf, summarizeNode } from './summarize-node.ts';

const summaryOf = (kind: string, input: object, kindSummary?: string): string =>
  summarizeNode(graphNodeSchema.parse({ id: 'a', kind, title: 'A', input }), kindSummary)
    .map((part) => ('text' in part ? part.text : `[${part.value}]`))
    .join('');

describe('partsOf', () => {
  it('keeps the author’s words and names what a run fills in', () => {
    expect(partsOf('Order {{ trigger.body.orderId }} is {{steps.check.output.body.state}}.')).toEqual([
      { text: 'Order ' },
      { value: 'orderId' },
      { text: ' is ' },
      { value: 'check.state' },
      { text: '.' },
    ]);
  });

  it('shows an expression that is no plain path as it is, shortened', () => {
    expect(partsOf('{{ $sum(trigger.body.lines.(price * quantity)) }}')).toEqual([
      { value: '$sum(trigger.body.lines.(pr…' },
    ]);
  });
});

describe('summarizeNode', () => {
  it('says what a step does with its values', () => {
    expect(summaryOf('openai.generateText', { prompt: 'Sum up {{ trigger.body.text }}' })).toBe('Ask: Sum up [text]');
    expect(summaryOf('anthropic.generateObject', { model: 'claude-opus-5-5', prompt: 'Sort it' })).toBe(
      'Ask claude-opus-5-5: Sort it',
    );
    expect(summaryOf('control.sendEvent', { event: 'order.paid', correlationKey: '{{ trigger.body.id }}' })).toBe(
      'Send order.paid: [id]',
    );
    expect(summaryOf('control.respond', { status: 201, body: 'Got {{ trigger.body.id }}' })).toBe(
      'Answer the caller with 201: Got [id]',
    );
    expect(summaryOf('code.run', { code: '\n// Sum up the order\nreturn 1' })).toBe('Sum up the order');
    expect(summaryOf('code.run', { code: 'return `{{ x }}`;' })).toBe('return `{{ x }}`;');
    expect(summaryOf('slack.postMessage', { channel: '#orders', text: 'New {{ trigger.body.orderId }}' })).toBe(
      'Post to #orders: New [orderId]',
    );
    expect(summaryOf('http.request', { url: 'https://crm.example/c/{{ trigger.body.id }}' })).toBe(
      'GET crm.example/c/[id]',
    );
    expect(summaryOf('email.send', { to: ['a@example.com', 'b@example.com'], subject: 'Hello' })).toBe(
      'To a@example.com, b@example.com: Hello',
    );
  });

  it('reads a compound condition aloud', () => {
    const condition = {
      any: [
        { left: '{{ trigger.body.tier }}', operator: 'equals', right: 'gold' },
        { not: { left: '{{ trigger.body.total }}', operator: 'lessOrEqual', right: 100 } },
      ],
    };
    expect(summaryOf('control.condition', { condition })).toBe('If [tier] is gold or not [total] ≤ 100');
  });

  it('does not stumble over a half-written step', () => {
    expect(summaryOf('control.condition', {})).toBe('If …');
    expect(summaryOf('slack.postMessage', {})).toBe('Post to …: …');
    expect(summaryOf('code.run', {})).toBe('…');
    expect(summaryOf('control.delay', { duration: null })).toBe('Wait …');
  });

  it('falls back to the first text, then to the kind’s own sentence', () => {
    expect(summaryOf('data.transform', { expression: 'Total {{ vars.total }}' }, 'Shapes data.')).toBe('Total [total]');
    expect(summaryOf('data.transform', {}, 'Shapes data.')).toBe('Shapes data.');
  });
});
