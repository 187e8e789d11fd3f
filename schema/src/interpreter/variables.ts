import type { Turn } from './turn.ts';
import type { Value } from './value.ts';

/** What every later step reads as `vars`. A variable has one value, of its own or kept outside. */
export const setVariables = ({ state }: Turn, variables: readonly (readonly [string, Value])[]): void => {
  const inline = variables.flatMap(([name, value]) => ('output' in value ? [[name, value.output] as const] : []));
  const large = variables.flatMap(([name, value]) => ('large' in value ? [[name, value.large] as const] : []));
  const without = <T>(known: { readonly [name: string]: T }, names: readonly string[]): { [name: string]: T } =>
    Object.fromEntries(Object.entries(known).filter(([name]) => !names.includes(name)));
  state.vars = {
    ...without(
      state.vars,
      large.map(([name]) => name),
    ),
    ...Object.fromEntries(inline),
  };
  if (!state.largeVars && large.length === 0) return;
  state.largeVars = {
    ...without(
      state.largeVars ?? {},
      inline.map(([name]) => name),
    ),
    ...Object.fromEntries(large),
  };
};
