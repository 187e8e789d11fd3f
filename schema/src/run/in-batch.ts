/** A refusal of this name says in its details in which workflow the step stands: that of a batch of the run. */
export const inBatchRefusal = 'in_batch';
