/**
 * The id of the run that a step starts: always the same for the same parent, step and ordinal, so that no crash and no
 * repetition can start a second one. It takes the parent's place in time, and the rest from a hash.
 */
export const childRunIdOf = (parentRunId: string, path: string, ordinal: number): string => {
  const [, age = ''] = /^run_([0-9a-f]{12})/.exec(parentRunId) ?? [];
  const text = `${parentRunId} ${path}~${ordinal}`;
  const hash = seeds.map((seed) => hashOf(text, seed).toString(16).padStart(8, '0')).join('');
  return `run_${age}${hash.slice(age.length)}`;
};

const seeds = [0x811c9dc5, 0x9747b28c, 0x1b873593, 0xcc9e2d51];

/** FNV-1a, and then the mixing of MurmurHash3, so that texts that end alike have nothing else in common. */
const hashOf = (text: string, seed: number): number => {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};
