/** Temporal takes 400 bytes after encryption: this leaves room for the seal. */
const summaryBytes = 120;

const utf8Bytes = (character: string): number => {
  const point = character.codePointAt(0) ?? 0;
  if (point < 0x80) return 1;
  if (point < 0x800) return 2;
  return point < 0x10000 ? 3 : 4;
};

/** A text cut to what Temporal accepts as the summary of a workflow, an activity or a timer. */
export const summaryOf = (text: string): string => {
  const limit = summaryBytes - utf8Bytes('…');
  let kept = '';
  let bytes = 0;
  for (const character of text) {
    bytes += utf8Bytes(character);
    if (bytes <= limit) kept += character;
    if (bytes > summaryBytes) return `${kept}…`;
  }
  return text;
};
