import { TextField } from '#app/components/ui/field.tsx';

interface NewPasswordFieldProps {
  readonly label?: string;
  readonly name?: string;
  readonly hint?: string;
  readonly autoFocus?: boolean;
  readonly error?: string | undefined;
}

/** A password that is chosen here, with the bounds that the api has. */
export const NewPasswordField = ({
  label = 'Password',
  name = 'password',
  hint = 'At least 12 characters. A short sentence is easy to keep.',
  ...rest
}: NewPasswordFieldProps) => (
  <TextField
    label={label}
    name={name}
    type="password"
    autoComplete="new-password"
    required
    minLength={12}
    maxLength={256}
    hint={hint}
    {...rest}
  />
);
