/** Generations that one run has for itself: a person would have to edit one step's input this often. */
const generationsPerRun = 10_000;

/**
 * The generation with which a fork's steps begin; `fork` counts the forks of one root run, from 1. No two of its runs
 * use the same, whatever a person edits in them.
 */
export const generationOfFork = (fork: number): number => fork * generationsPerRun + 1;

/** Which fork of its root begins its steps with that. */
export const numberOfFork = (generation: number): number => Math.floor((generation - 1) / generationsPerRun);

/** Whether a person has edited the input: generations rise by one each time. */
export const isEditedGeneration = (generation: number): boolean => (generation - 1) % generationsPerRun > 0;
