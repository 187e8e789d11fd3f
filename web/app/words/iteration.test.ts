import { expect, it } from 'vitest';
import { iterationWord } from './iteration.ts';

it('counts iterations from one, the outer loop first', () => {
  expect(iterationWord('each[7].send')).toBe('8');
  expect(iterationWord('each[0].guarded.parts[2].send')).toBe('1.3');
  expect(iterationWord('send')).toBeNull();
});
