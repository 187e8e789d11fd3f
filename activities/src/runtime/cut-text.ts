/** At most `length` UTF-16 units, an ellipsis included where something was left out. No character is cut in two. */
export const cutText = (text: string, length: number): string => {
  if (text.length <= length) return text;
  const end = length - 1;
  const splits = isHighSurrogate(text.charCodeAt(end - 1)) && isLowSurrogate(text.charCodeAt(end));
  return `${text.slice(0, splits ? end - 1 : end)}…`;
};

/** The same from the other end: the last units of the text. */
export const cutTextBefore = (text: string, length: number): string => {
  if (text.length <= length) return text;
  const start = text.length - length + 1;
  const splits = isHighSurrogate(text.charCodeAt(start - 1)) && isLowSurrogate(text.charCodeAt(start));
  return `…${text.slice(splits ? start + 1 : start)}`;
};

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;
