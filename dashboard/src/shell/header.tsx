import { ActionIcon, Box, Burger, Button, Group, Menu, useMantineColorScheme } from '@mantine/core';
import {
  IconCheck,
  IconChevronDown,
  IconDeviceDesktop,
  IconHelp,
  IconMoon,
  IconSun,
  IconUser,
} from '@tabler/icons-react';
import { Link } from 'wouter';
import { useAction } from '../api/hooks.ts';
import { useSession } from '../session/session.ts';
import { AccountFilter } from './account-filter.tsx';
import { useView } from './view.ts';

export interface HeaderProps {
  isOpen: boolean;
  toggle: () => void;
  help: () => void;
}

/** The top: where we are, which mode, which account, who. */
export function Header({ isOpen, toggle, help }: HeaderProps) {
  const { shop_name: shop } = useSession();
  const { to } = useView();
  return (
    <Group h="100%" px="md" gap="xs" wrap="nowrap" justify="space-between">
      <Group gap="xs" wrap="nowrap" miw={0}>
        <Burger
          opened={isOpen}
          onClick={toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={isOpen ? 'Close the menu' : 'Open the menu'}
          aria-expanded={isOpen}
        />
        <Link href={to('/')} className="plain shop">
          {shop}
        </Link>
      </Group>
      <Group gap={6} wrap="nowrap">
        <ModeSwitch />
        <AccountFilter />
        <SchemeSwitch />
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Help" onClick={help} visibleFrom="xs">
          <IconHelp size={20} aria-hidden />
        </ActionIcon>
        <OperatorMenu help={help} />
      </Group>
    </Group>
  );
}

function ModeSwitch() {
  const { livemode, show } = useView();
  const word = livemode ? 'Live' : 'Test';
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="outline"
          size="xs"
          className="mode"
          px="xs"
          rightSection={<IconChevronDown size={14} aria-hidden />}
          aria-label={`${word} mode: change`}
        >
          <Box component="span" hiddenFrom="sm">
            {word}
          </Box>
          <Box component="span" visibleFrom="sm">
            {word} mode
          </Box>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {[false, true].map((mode) => (
          <Menu.Item
            key={String(mode)}
            leftSection={
              livemode === mode ? <IconCheck size={16} aria-label="now" /> : <span className="gap" />
            }
            onClick={() => show({ livemode: mode })}
          >
            {mode ? 'Live: real money' : 'Test: no real money'}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const SCHEMES = ['auto', 'light', 'dark'] as const;
const SCHEME_ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };

function SchemeSwitch() {
  const [scheme, next, change] = useScheme();
  const Icon = SCHEME_ICONS[scheme];
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      visibleFrom="xs"
      aria-label={`Colours: ${scheme}. Change to ${next}`}
      onClick={change}
    >
      <Icon size={20} aria-hidden />
    </ActionIcon>
  );
}

type Scheme = (typeof SCHEMES)[number];

/** The colours, those that come after, and a way there. */
function useScheme(): [now: Scheme, next: Scheme, change: () => void] {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const next = SCHEMES[(SCHEMES.indexOf(colorScheme) + 1) % SCHEMES.length] ?? 'auto';
  return [colorScheme, next, () => setColorScheme(next)];
}

function OperatorMenu({ help }: { help: () => void }) {
  const { operator, role } = useSession();
  const { to } = useView();
  const [scheme, , change] = useScheme();
  // Loading anew leaves nothing of the session in memory.
  const signOut = useAction('signOut', {
    refreshes: [],
    onDone: () => window.location.assign('/admin/sign-in'),
  });
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${operator.name}: menu`}>
          <IconUser size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {operator.name}, {role}
        </Menu.Label>
        <Menu.Item component={Link} href={to('/account')}>
          Your account
        </Menu.Item>
        <Menu.Item hiddenFrom="xs" onClick={help}>
          Help
        </Menu.Item>
        <Menu.Item hiddenFrom="xs" onClick={change}>
          Colours: {scheme}
        </Menu.Item>
        <Menu.Item onClick={() => signOut.mutate({})}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
