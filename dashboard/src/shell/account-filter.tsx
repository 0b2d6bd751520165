import { Box, Button, Group, Popover, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBuildingStore } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useOperation } from '../api/hooks.ts';
import { useView } from './view.ts';

const ACCOUNT = /^acct_\w{1,100}$/;
const OFFERED_MAX = 200;

/** Narrows everything to one connected account. */
export function AccountFilter() {
  const { account, show } = useView();
  const [isOpen, panel] = useDisclosure();
  const label = account === null ? 'All accounts' : `Only ${account}`;
  return (
    <Popover opened={isOpen} onChange={panel.set} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant={account === null ? 'subtle' : 'light'}
          color={account === null ? 'gray' : 'brand'}
          size="xs"
          px="xs"
          className="account"
          aria-label={`${label}: change`}
          onClick={panel.toggle}
        >
          <IconBuildingStore size={20} aria-hidden />
          <Box component="span" ml={6} visibleFrom="sm">
            {account ?? 'All accounts'}
          </Box>
        </Button>
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
  const { mode } = useView();
  const sellers = useOperation('listSellers', { query: { ...mode, limit: OFFERED_MAX } });
  const list = useId();
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
          list={list}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <datalist id={list}>
          {sellers.data?.data.map(
            ({ id, account: offered, name, reference }) =>
              offered !== null && (
                <option key={id} value={offered}>
                  {name ?? reference}
                </option>
              ),
          )}
        </datalist>
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
