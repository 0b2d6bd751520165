import { ActionIcon, Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBuildingStore } from '@tabler/icons-react';
import { useState } from 'react';
import { useView } from './view.ts';

const ACCOUNT = /^acct_\w{1,100}$/;

/** Narrows everything to one connected account. */
export function AccountFilter() {
  const { account, show } = useView();
  const [isOpen, panel] = useDisclosure();
  const label = account === null ? 'All accounts' : `Only ${account}`;
  return (
    <Popover opened={isOpen} onChange={panel.set} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        {account === null ? (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={`${label}: change`}
            onClick={panel.toggle}
          >
            <IconBuildingStore size={20} aria-hidden />
          </ActionIcon>
        ) : (
          <Button
            variant="light"
            size="xs"
            px="xs"
            className="account"
            aria-label={`${label}: change`}
            onClick={panel.toggle}
          >
            {account}
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown aria-label="Connected account">
        <AccountForm
          key={account}
          account={account}
          choose={(chosen) => {
            panel.close();
            show({ account: chosen });
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function AccountForm({
  account,
  choose,
}: {
  account: string | null;
  choose: (account: string | null) => void;
}) {
  const [typed, setTyped] = useState(account ?? '');
  const [error, setError] = useState<string | null>(null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const value = typed.trim();
        if (value && !ACCOUNT.test(value)) setError('An account begins with acct_');
        else choose(value || null);
      }}
    >
      <Stack gap="xs">
        <TextInput
          label="Only this connected account"
          placeholder="acct_…"
          value={typed}
          error={error}
          spellCheck={false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group gap="xs" justify="flex-end">
          <Button variant="default" size="xs" onClick={() => choose(null)}>
            All accounts
          </Button>
          <Button type="submit" size="xs">
            Show
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
