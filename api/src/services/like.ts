/** A pattern for ILIKE that finds the text itself: its own `%` and `_` mean nothing special. */
export const contains = (text: string): string => `%${text.replaceAll(/[\\%_]/g, (sign) => `\\${sign}`)}%`;
