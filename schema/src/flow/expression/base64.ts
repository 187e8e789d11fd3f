import { EvaluationStop } from './evaluation-stop.ts';

// Neither Buffer nor btoa exists in a workflow's sandbox. Texts are encoded as UTF-8, so that any text survives.
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

const toUtf8 = (text: string): number[] => {
  const bytes: number[] = [];
  for (const character of text) {
    const read = character.codePointAt(0) ?? 0;
    // Half of a surrogate pair has no bytes of its own; it becomes the replacement character.
    const point = read >= 0xd800 && read <= 0xdfff ? 0xfffd : read;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else {
      bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    }
  }
  return bytes;
};

export const encodeBase64 = (text: string): string => {
  const bytes = toUtf8(text);
  let encoded = '';
  for (let index = 0; index < bytes.length; index += 3) {
    const [first = 0, second, third] = bytes.slice(index, index + 3);
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    encoded += `${alphabet[bits >> 18]}${alphabet[(bits >> 12) & 63]}`;
    encoded += second === undefined ? '=' : alphabet[(bits >> 6) & 63];
    encoded += third === undefined ? '=' : alphabet[bits & 63];
  }
  return encoded;
};

/** Throws when the text is not base64, or does not hold UTF-8. */
export const decodeBase64 = (encoded: string): string => {
  const digits = encoded.replaceAll(/[\s=]/g, '').replaceAll('-', '+').replaceAll('_', '/');
  let escaped = '';
  let bits = 0;
  let size = 0;
  for (const digit of digits) {
    const value = alphabet.indexOf(digit);
    if (value === -1) throw new EvaluationStop('failed', 'The text given to $base64decode is not base64.');
    bits = ((bits << 6) | value) & 0xffff;
    size += 6;
    if (size >= 8) {
      size -= 8;
      escaped += `%${((bits >> size) & 0xff).toString(16).padStart(2, '0')}`;
    }
  }
  try {
    return decodeURIComponent(escaped);
  } catch (error) {
    throw new EvaluationStop('failed', 'What $base64decode was given holds bytes, not text.', { cause: error });
  }
};
