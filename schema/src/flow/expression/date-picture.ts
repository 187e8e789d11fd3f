import { EvaluationStop } from './evaluation-stop.ts';

const longestPicture = 100;
const longestTimestamp = 64;
/** Parts of open width in a row that JSONata's backtracking date parser takes in a few milliseconds. */
const mostOpenParts = 5;

/**
 * `$toMillis` turns its picture into an ordinary regular expression. Refuses pictures and texts with which that would
 * take long: many parts of open width that nothing separates.
 */
export const checkDatePicture = (timestamp: unknown, picture: unknown): void => {
  if (typeof picture !== 'string' || typeof timestamp !== 'string') return;
  if (picture.length > longestPicture || timestamp.length > longestTimestamp) {
    throw new EvaluationStop('too_large', 'The date or its picture given to $toMillis is too long.');
  }
  const parts = [...picture.matchAll(/\[([^\]]*)\]([^[]*)/g)];
  const hasWords = parts.some(([, marker = '']) => /w/i.test(marker.slice(1)));
  let open = 0;
  for (const [index, [, marker = '', literal = '']] of parts.entries()) {
    const isNumber = !/[a-z]/i.test(marker.slice(1).replace(/o$/, '')) && marker[0] !== 'f' && marker[0] !== 'F';
    const nextMarker = parts[index + 1]?.[1] ?? '';
    const hasFixedWidth = isNumber && literal === '' && nextMarker !== '' && !/[a-z]/i.test(nextMarker.slice(1));
    if (!hasFixedWidth) open += 1;
    if (open > mostOpenParts) {
      throw new EvaluationStop(
        'not_allowed',
        'Separate the parts of the picture given to $toMillis, as in [Y]-[M]-[D].',
      );
    }
    if (!hasWords && /[^a-z0-9]/i.test(literal)) open = 0;
  }
};
