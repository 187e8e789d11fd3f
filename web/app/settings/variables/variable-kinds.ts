import type { VariableType } from '@everwave/schema/flow';
import { Braces, CaseSensitive, Hash, KeyRound, type LucideIcon, ToggleLeft } from 'lucide-react';

/** How each type of variable is called and chosen, in the order of the choice. */
export const variableKinds: Readonly<
  Record<VariableType, { readonly title: string; readonly text: string; readonly icon: LucideIcon }>
> = {
  string: { title: 'Text', text: 'An address, a name, a region.', icon: CaseSensitive },
  number: { title: 'Number', text: 'Expressions compute with it.', icon: Hash },
  boolean: { title: 'Yes or no', text: 'A switch that conditions read.', icon: ToggleLeft },
  json: { title: 'JSON', text: 'A table or a list, read by its members.', icon: Braces },
  secret: { title: 'Secret', text: 'Never shown again, never in a run. For the inputs of actions.', icon: KeyRound },
};
