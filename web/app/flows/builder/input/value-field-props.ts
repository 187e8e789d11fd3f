import type { Json } from '@everwave/schema/flow';
import type { ComponentType } from 'react';
import type { Shape } from './shape.ts';

export interface ValueFieldProps {
  readonly shape: Shape;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly optional?: boolean;
  readonly fallback?: Json | undefined;
  readonly value: Json | undefined;
  /** Where it stands in the step's input: `cases[0].port`. */
  readonly path: string;
  /** What is wrong with the step's input, by path. */
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (value: Json | undefined) => void;
}

/** A field that holds others: which control they have is not its own to say. */
export interface OuterFieldProps extends ValueFieldProps {
  readonly Value: ComponentType<ValueFieldProps>;
}
