/** What became of a step or an edge between two drawings. */
export const changeWords = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const;
