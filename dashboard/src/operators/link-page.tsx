import { Button } from '@mantine/core';
import { Redirect } from 'wouter';
import { useAction } from '../api/hooks.ts';
import { Failure } from '../parts/states.tsx';
import { useLinkToken } from './link-token.ts';
import { NoToken } from './no-token.tsx';
import { Outside } from './outside.tsx';

/** A one-time link was opened. Programs that look at links open it too, so it takes a press to use it up. */
export default function LinkPage() {
  const token = useLinkToken();
  const action = useAction('signInByLink', { quiet: true });
  if (action.isSuccess) return <Redirect to="/" replace />;
  return (
    <Outside title="Sign in">
      {token === '' ? (
        <NoToken />
      ) : (
        <>
          <div>This link signs you in, once.</div>
          {action.error && <Failure problem={action.error} />}
          <Button loading={action.isPending} onClick={() => action.mutate({ body: { token } })}>
            Sign in
          </Button>
        </>
      )}
    </Outside>
  );
}
