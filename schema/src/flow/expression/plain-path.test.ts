import fc from 'fast-check';
import jsonata from 'jsonata';
import { expect, it } from 'vitest';
import { followPath, throughList, toPlainPath } from './plain-path.ts';
import type { SyntaxNode } from './syntax-tree.ts';

const treeOf = (source: string) => jsonata(source).ast() as unknown as SyntaxNode;

it.each(['a', 'a.b', 'steps.fetch.output.`x y`'])('%s is a plain path', (source) => {
  expect(toPlainPath(treeOf(source))).not.toBeNull();
});

it.each(['a[0]', 'a[]', 'a.*', '$', '$$.a', 'a.$f()', 'a{b: c}', 'a@$x.b', 'a#$i', '"a".b[1]', 'a.%.b', '1', '(a).b'])(
  '%s is none',
  (source) => {
    expect(toPlainPath(treeOf(source))).toBeNull();
  },
);

it('finds what JSONata finds, for any data without lists on the way', async () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const leaf = fc.oneof(fc.constantFrom(null, 0, '', 'x', false), fc.array(fc.nat(3), { maxLength: 3 }));
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, leaf, fc.dictionary(names, tie('node'), { maxKeys: 3, noNullPrototype: true })),
  }));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(names, node, { noNullPrototype: true }),
      fc.array(names, { minLength: 1, maxLength: 4 }),
      async (data, path) => {
        const found = followPath(data, path);
        if (found !== throughList) expect(found).toEqual(await jsonata(path.join('.')).evaluate(data));
      },
    ),
    { numRuns: 500 },
  );
});
