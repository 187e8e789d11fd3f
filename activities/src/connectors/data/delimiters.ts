/** Names of separators, as the forms offer them, and the characters they stand for. */
export const delimiters = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const;
