import type { Plan, Variables } from '../flow/plan.ts';

/** Of a run's variables, those that another plan names. */
export const variablesFor = ({ variables = {} }: Plan, env: Variables = {}): { readonly env?: Variables } => {
  const known = Object.entries(env).filter(([name]) => Object.hasOwn(variables, name));
  return known.length === 0 ? {} : { env: Object.fromEntries(known) };
};
