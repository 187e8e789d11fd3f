import { expect, it } from 'vitest';
import { readImports } from './read-imports.ts';

it('reads every form of import', () => {
  const source = `
import './side-effect.ts';
import one from 'one';
import { two, type Two } from "two";
import {
  three,
  four,
} from './three.ts';
import * as z from 'zod';
export { five } from '@everwave/schema/run';
export * from './six.ts';
const seven = await import('./seven.ts');
const eight = createRequire(import.meta.url).resolve('eight') ?? require('nine');
`;
  expect(readImports(source)).toEqual(
    [
      './side-effect.ts',
      'one',
      'two',
      './three.ts',
      'zod',
      '@everwave/schema/run',
      './six.ts',
      './seven.ts',
      'nine',
    ].map((specifier) => ({ specifier, typeOnly: false })),
  );
});

it('knows what is erased before it runs', () => {
  const source = `
import type { One } from 'one';
export type { Two } from './two.ts';
type Three = typeof import('three');
`;
  expect(readImports(source).map(({ typeOnly }) => typeOnly)).toEqual([true, true, true]);
});

it('does not read comments', () => {
  expect(readImports(`/**\n * import { a } from 'a';\n */\n// import 'b';\nconst c = 1;`)).toEqual([]);
});

it('does not take an export of a value for an import', () => {
  expect(readImports(`export const name = 'value';\nexport type Kind = 'a' | 'b';`)).toEqual([]);
});
