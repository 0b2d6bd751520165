import { PasswordInput } from '@mantine/core';

const CHARACTERS_MAX = 256;

/** A password that is to be. */
export function NewPassword({
  value,
  onChange,
  error,
}: {
  value: string;
  onChange: (value: string) => void;
  error: string | undefined;
}) {
  return (
    <PasswordInput
      label="New password"
      description="12 characters or more. Several words are easy to keep and hard to guess."
      name="new-password"
      autoComplete="new-password"
      required
      withAsterisk={false}
      maxLength={CHARACTERS_MAX}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password', tabIndex: 0 }}
    />
  );
}
