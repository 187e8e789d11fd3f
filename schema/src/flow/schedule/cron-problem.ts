const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  /** Names that stand for numbers, the first for `least`. */
  readonly names?: readonly string[];
}

const fields: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, names: months },
  { name: 'day of the week', least: 0, most: 7, names: weekdays },
];

const nicknames = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/**
 * What is wrong with a cron expression of five fields, and where; null for one that Temporal takes. Its two days belong
 * together there: `0 0 1 * MON` is the first of a month only where that is a Monday.
 */
export const cronProblem = (cron: string): string | null => {
  const text = cron.trim();
  if (text.startsWith('@')) {
    return nicknames.includes(text) ? null : `${text} is none of ${nicknames.join(', ')}.`;
  }
  const given = text.split(/\s+/);
  if (given.length !== fields.length) {
    const count = text === '' ? 0 : given.length;
    return `A cron expression has five fields: minute, hour, day of the month, month, day of the week. This one has ${count}.`;
  }
  for (const [index, field] of fields.entries()) {
    for (const part of (given[index] ?? '').split(',')) {
      const problem = partProblem(part, field);
      if (problem !== null) return `Field ${index + 1}, the ${field.name}: ${problem}`;
    }
  }
  return null;
};

const partProblem = (part: string, field: Field): string | null => {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0) return `"${part}" has more than one step.`;
  if (step !== undefined && !(/^\d{1,4}$/.test(step) && Number(step) > 0)) {
    return `the step of "${part}" is no whole number from 1.`;
  }
  if (range === '*') return null;
  const ends = range.split('-');
  if (ends.length > 2) return `"${range}" is no range. Write it as 1-5.`;
  const numbers: number[] = [];
  for (const end of ends) {
    const value = toNumber(end, field);
    if (value === null) return `"${end}" is no number from ${field.least} to ${field.most}${orNames(field)}.`;
    numbers.push(value);
  }
  const [from = 0, to = from] = numbers;
  return from > to ? `"${range}" ends before it begins.` : null;
};

const toNumber = (text: string, { least, most, names = [] }: Field): number | null => {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named + least;
  if (!/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
};

const orNames = ({ names }: Field): string =>
  names ? `, nor one of ${names.map((name) => name.toUpperCase()).join(', ')}` : '';
