import { Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { Redirect } from 'wouter';
import { useAction } from '../api/hooks.ts';
import { Failure } from '../parts/states.tsx';
import { useLinkToken } from './link-token.ts';
import { NewPassword } from './new-password.tsx';
import { NoToken } from './no-token.tsx';
import { Outside } from './outside.tsx';

/** Sets a password by a one-time link. */
export default function SetPasswordPage() {
  const token = useLinkToken();
  const [password, setPassword] = useState('');
  const action = useAction('setPassword', { quiet: true });
  if (action.isSuccess) return <Redirect to="/" replace />;
  const isOfField = action.error?.field === 'password';
  return (
    <Outside title="Set your password">
      {token === '' ? (
        <NoToken />
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            action.mutate({ body: { token, password } });
          }}
        >
          <Stack gap="sm">
            <NewPassword
              value={password}
              onChange={setPassword}
              error={isOfField ? action.error?.message : undefined}
            />
            {action.error && !isOfField && <Failure problem={action.error} />}
            <Button type="submit" loading={action.isPending}>
              Set the password and sign in
            </Button>
          </Stack>
        </form>
      )}
    </Outside>
  );
}
