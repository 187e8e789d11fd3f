/** A step into a value: a field's name or an item's number. */
export type PathPart = string | number;

/**
 * How an expression would name a place inside a value: `steps.customer.output.body.tags[0]`. Names that are no plain
 * identifiers are quoted with backticks, as JSONata reads them.
 */
export const toExpressionPath = (root: string, parts: readonly PathPart[]): string =>
  parts.reduce<string>(
    (path, part) =>
      typeof part === 'number'
        ? `${path}[${part}]`
        : `${path}.${/^[A-Za-z_]\w*$/.test(part) ? part : `\`${part.replaceAll('`', '')}\``}`,
    root,
  );
