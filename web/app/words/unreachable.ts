/** For the `default` of a switch that names every case: the compiler refuses it when one is missing. */
export const unreachable = (value: never): Error => new Error(`No case for ${JSON.stringify(value)}.`);
