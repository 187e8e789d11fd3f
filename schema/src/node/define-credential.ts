import type * as z from 'zod';

/**
 * The secret part of a connection: what a person enters once and many nodes reuse. It is encrypted at rest, resolved
 * inside the activity, and never enters workflow history.
 */
export interface CredentialDefinition<
  Kind extends string = string,
  Secret extends z.ZodObject = z.ZodObject,
  Settings extends z.ZodObject = z.ZodObject,
> {
  /** `slack.bot`: the connector, then the way to sign in. */
  readonly kind: Kind;
  readonly title: string;
  /** Where a person finds these values, in one or two sentences. */
  readonly help: string;
  /** Fields that are secret: write-only in the API, dots in the form. */
  readonly secret: Secret;
  /** Fields that are not secret: base URL, host, port, sender address. Shown and editable. */
  readonly settings: Settings;
}

export const defineCredential = <
  const Kind extends string,
  const Secret extends z.ZodObject,
  const Settings extends z.ZodObject,
>(
  definition: CredentialDefinition<Kind, Secret, Settings>,
): CredentialDefinition<Kind, Secret, Settings> => definition;
