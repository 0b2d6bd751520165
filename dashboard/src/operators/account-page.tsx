import { Button, PasswordInput, Stack } from '@mantine/core';
import { useState } from 'react';
import type { Answer } from '../api/client.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { Page } from '../parts/page.tsx';
import { Rows, type Column } from '../parts/rows.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Failure, Known } from '../parts/states.tsx';
import { StatusBadge } from '../parts/status-badge.tsx';
import { Time } from '../parts/time.tsx';
import { useSession } from '../session/session.ts';
import { NewPassword } from './new-password.tsx';
import { deviceOf } from './words.ts';

/** Oneself: who one is here, where one is signed in, and the password. */
export default function AccountPage() {
  const { operator, role, ends_at, idle_ends_at } = useSession();
  return (
    <Page title="Your account">
      <Section title={operator.name}>
        <KeyValue
          facts={[
            ['Role', role],
            ['Signed in until', <Time key="end" at={ends_at} isExact />],
            ['Ends when unused', <Time key="idle" at={idle_ends_at} />],
          ]}
        />
      </Section>
      <OwnSessions />
      {operator.has_password && <ChangePassword />}
    </Page>
  );
}

type OwnSession = Answer<'listOwnSessions'>['data'][number];

function OwnSessions() {
  const found = useOperation('listOwnSessions', {});
  const end = useAction('endOwnSession', { done: 'That session has ended.', refreshes: ['listOwnSessions'] });
  const columns: Column<OwnSession>[] = [
    {
      label: 'Where',
      cell: ({ user_agent, current }) => (
        <span>
          {deviceOf(user_agent)} {current && <StatusBadge tone="good">This one</StatusBadge>}
        </span>
      ),
    },
    { label: 'Address', cell: ({ address }) => address ?? 'unknown' },
    { label: 'Since', cell: ({ created_at }) => <Time at={created_at} /> },
    { label: 'Last used', cell: ({ last_seen_at }) => <Time at={last_seen_at} /> },
    {
      label: 'End',
      cell: ({ id, current, user_agent }) =>
        current ? null : (
          <Button
            size="xs"
            variant="default"
            aria-label={`Sign out ${deviceOf(user_agent)}`}
            onClick={() => end.mutate({ params: { id } })}
          >
            Sign out
          </Button>
        ),
    },
  ];
  return (
    <Section title="Where you are signed in">
      <Known found={found}>
        {({ data }) => (
          <Rows label="Where you are signed in" rows={data} columns={columns} keyOf={({ id }) => id} />
        )}
      </Known>
    </Section>
  );
}

function ChangePassword() {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const change = useAction('changePassword', {
    quiet: true,
    done: ({ ended }) => `Your password is changed. Other sessions ended: ${ended}.`,
    refreshes: ['listOwnSessions'],
    onDone: () => {
      setCurrent('');
      setPassword('');
    },
  });
  const field = change.error?.code === 'wrong_password' ? 'current' : change.error?.field;
  const errorOf = (name: string): string | undefined => (field === name ? change.error?.message : undefined);
  return (
    <Section title="Change your password">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ body: { current, password } });
        }}
      >
        <Stack gap="sm" maw={420}>
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={current}
            error={errorOf('current')}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the current password', tabIndex: 0 }}
          />
          <NewPassword value={password} onChange={setPassword} error={errorOf('password')} />
          {change.error && field === undefined && <Failure problem={change.error} />}
          <Button type="submit" loading={change.isPending} style={{ alignSelf: 'start' }}>
            Change the password
          </Button>
          <div className="soft">Everywhere else you are signed out.</div>
        </Stack>
      </form>
    </Section>
  );
}
