import { describe, expect, it } from 'vitest';
import { findCanaries } from './find-canaries.ts';
import { encodings, spellingsOf } from './spellings.ts';

const canary = `canary-<7Qm4"zLx9&Rb2T'>`;
const noise = 'Lorem ipsum dolor sit amet, consetetur sadipscing elitr. '.repeat(20);

/** As others would write it, not by the module's own means. */
const written: Readonly<Record<string, string>> = {
  'as it is': canary,
  'base64 of itself': btoa(canary),
  'base64 behind one byte': btoa(`x${canary}y`),
  'base64 behind two bytes': btoa(`xy${canary}z`),
  'base64 deep inside': btoa(`${noise}${canary}${noise}`),
  'base64 for addresses': Buffer.from(`Basic ?>${canary}?>`).toString('base64url'),
  hex: Buffer.from(`ab${canary}cd`).toString('hex'),
  'hex in capitals': Buffer.from(canary).toString('hex').toUpperCase(),
  'the bytes of a column': String.raw`\x` + Buffer.from(canary).toString('hex'),
  'an address': String(new URLSearchParams({ q: canary }))
    .replaceAll('+', '%20')
    .replaceAll('%27', "'"),
  'every letter of an address': `/x?q=${Buffer.from(canary).toString('hex').replaceAll(/../g, '%$&')}`,
  JSON: JSON.stringify({ deep: [{ note: canary }] }),
  'JSON in JSON': JSON.stringify({ body: JSON.stringify({ note: canary }) }),
  'JSON in code points': `"${Array.from(canary, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`,
  HTML: '<p>canary-&lt;7Qm4&quot;zLx9&amp;Rb2T&#39;&gt;</p>',
  'HTML by number': Array.from(canary, (letter) => `&#${letter.charCodeAt(0)};`).join(''),
  'HTML by hexadecimal number': Array.from(canary, (letter) => `&#x${letter.charCodeAt(0).toString(16)};`).join(''),
  reversed: Array.from(canary).toReversed().join(''),
  'a piece of it, reversed': Array.from(canary).toReversed().slice(4, 17).join(''),
};

describe('a canary is found', () => {
  it.each(Object.entries(written))('written as %s', (_how, text) => {
    const content = `${noise}${text}${noise}`;
    expect(findCanaries({ secret: canary }, [{ where: 'here', content }]).length).toBeGreaterThan(0);
    // And it is this text that was found, not the noise.
    expect(findCanaries({ secret: canary }, [{ where: 'here', content: noise + noise }])).toEqual([]);
  });

  it('in each encoding that the scan knows, by that spelling alone', () => {
    const known = new Set(spellingsOf(canary).map(({ encoding }) => encoding));
    expect([...known].toSorted()).toEqual([...encodings].toSorted());
    for (const { encoding, text } of spellingsOf(canary)) {
      const hits = findCanaries({ secret: canary }, [{ where: 'here', content: `${noise}${text}${noise}` }]);
      expect(hits).toContainEqual({ where: 'here', canary: 'secret', encoding });
    }
  });

  it('where it stands, and by name only', () => {
    const haystacks = [
      { where: 'the log', content: noise },
      { where: 'an export', content: btoa(canary) },
    ];
    const hits = findCanaries({ secret: canary, value: 'another-canary-W8kd3NpV' }, haystacks);
    expect(hits).toEqual([{ where: 'an export', canary: 'secret', encoding: 'base64, first offset' }]);
    expect(JSON.stringify(hits)).not.toContain(canary);
  });

  it('and may stand where it belongs', () => {
    const run = { where: 'a run', content: canary, mayHold: ['value'] };
    expect(findCanaries({ value: canary }, [run])).toEqual([]);
    expect(findCanaries({ secret: canary, value: canary }, [run])).toHaveLength(1);
  });

  it('by a text of a length that does not occur by chance', () => {
    expect(() => spellingsOf('short')).toThrow('at least 12');
  });
});
