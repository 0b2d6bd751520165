import { Button, Divider, PasswordInput, Stack, TextInput, VisuallyHidden } from '@mantine/core';
import { useState } from 'react';
import { Redirect, useSearch } from 'wouter';
import { useAction } from '../api/hooks.ts';
import type { Problem } from '../api/problem.ts';
import { Failure } from '../parts/states.tsx';
import { usePresence } from '../session/session.ts';
import { useCountdown } from './countdown.ts';
import { Outside } from './outside.tsx';
import { wayBack } from './way-back.ts';
import { oidcProblem } from './words.ts';

export default function SignInPage() {
  const { session, signIn } = usePresence();
  const search = useSearch();
  const back = wayBack(search);
  if (session) return <Redirect to={back} replace />;
  const refused = oidcProblem(search);
  const hasWay = signIn.password || signIn.oidc !== null;
  return (
    <Outside title="Sign in">
      {refused && (
        <div className="notice" data-tone="bad" role="alert">
          <div>{refused}</div>
        </div>
      )}
      {signIn.oidc !== null && (
        <Button
          component="a"
          href={`/api/session/oidc?return_to=${encodeURIComponent(`/admin${back}`)}`}
          variant={signIn.password ? 'default' : 'filled'}
        >
          Sign in with {signIn.oidc}
        </Button>
      )}
      {signIn.oidc !== null && signIn.password && <Divider label="or" />}
      {signIn.password && <PasswordForm />}
      {!hasWay && <NobodyYet />}
    </Outside>
  );
}

function PasswordForm() {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const action = useAction('signIn', { quiet: true });
  const [seconds, lock] = useCountdown();
  const isLocked = seconds > 0;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const onError = (problem: Problem): void => lock(secondsOf(problem));
        action.mutate({ body: { name, password } }, { onError });
      }}
    >
      <Stack gap="sm">
        <TextInput
          label="E-mail or name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password', tabIndex: 0 }}
        />
        {isLocked ? <Locked seconds={seconds} /> : <Wrong problem={action.error} />}
        <Button type="submit" loading={action.isPending} disabled={isLocked}>
          Sign in
        </Button>
      </Stack>
    </form>
  );
}

/** Read out once, and not again with each second. */
function Locked({ seconds }: { seconds: number }) {
  const [first] = useState(seconds);
  return (
    <div className="notice" data-tone="wait">
      <div role="alert">
        That was wrong too often. <VisuallyHidden>Try again in {first} seconds.</VisuallyHidden>
      </div>
      <div aria-hidden className="number">
        Try again in {Math.floor(seconds / 60)}:{String(seconds % 60).padStart(2, '0')}
      </div>
    </div>
  );
}

function Wrong({ problem }: { problem: Problem | null }) {
  if (!problem || problem.code === 'too_many_attempts') return null;
  return <Failure problem={problem} />;
}

function NobodyYet() {
  return (
    <Stack gap="xs">
      <div>Nobody can sign in with a password yet. On the server, run</div>
      <code className="card section">quittance operators add you@example.com --role admin</code>
      <div className="soft">
        and open the link it prints. With <code>quittance dev</code>:{' '}
        <code>quittance operators link admin</code>
      </div>
    </Stack>
  );
}

function secondsOf({ code, extra }: Problem): number {
  return code === 'too_many_attempts' ? Number(extra['retry_after_seconds']) : 0;
}
