import { dictionary } from '@zxcvbn-ts/language-common';

/** What a password must not be made of, beyond what everybody chooses: the person's own name and address, and ours. */
export interface PasswordOwner {
  readonly name: string;
  readonly email: string;
}

/** Passwords that many people chose, in lower case; another 7,776 words of the package are those of dice, and not meant. */
const common = new Set(dictionary['passwords-common']);

const fewestDifferent = 5;

/** Why others would guess it early, or null. Long does not help when it is a common word with digits, or a pattern. */
export const whyGuessable = (password: string, owner: PasswordOwner): string | null => {
  const folded = password.normalize('NFKC').toLowerCase();
  if (new Set(folded).size < fewestDifferent) return 'It has too few different characters.';
  if (isSequence(folded)) return 'It is a sequence of neighbouring characters.';
  const forms = formsOf(folded);
  if (forms.some((form) => common.has(form))) return 'It is one of the passwords that many people chose.';
  const own = ['everwave', ...partsOf(owner.name), ...partsOf(owner.email), owner.email.toLowerCase()];
  if (forms.some((form) => own.includes(form))) return 'It is made of your name, your address or ours.';
  return null;
};

/** The text, what is left without digits and signs around it, what it repeats; each also with its digits read as letters. */
const formsOf = (text: string): string[] => {
  const bare = text.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const letters = asLetters(text).replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const forms = [text, bare, asLetters(text), asLetters(bare), letters].filter((form) => form.length >= 4);
  return [...new Set(forms.flatMap((form) => [form, unitOf(form)]))];
};

const substitutes: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};
const asLetters = (text: string): string => Array.from(text, (sign) => substitutes[sign] ?? sign).join('');

/** `passwordpassword` → `password`. */
const unitOf = (text: string): string => {
  const length = `${text}${text}`.indexOf(text, 1);
  return text.slice(0, length);
};

const isSequence = (text: string): boolean => {
  const steps = new Set(
    Array.from(text)
      .slice(1)
      .map((sign, index) => (sign.codePointAt(0) ?? 0) - text.charCodeAt(index)),
  );
  return steps.size === 1;
};

const partsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part.length >= 4);
