import { AppShell } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { ArrivalProvider, useArrivals } from './arrival.ts';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { Navigation } from './navigation.tsx';
import { useShortcuts, useShortcutsSetting } from './shortcuts.ts';
import { useView } from './view.ts';

/** The shell around every page. */
export function Layout({ children }: { children: ReactNode }) {
  const [isOpen, menu] = useDisclosure();
  const [hasHelp, help] = useDisclosure();
  const [hasKeys, setKeys] = useShortcutsSetting();
  const { livemode } = useView();
  const arrive = useArrivals();
  useShortcuts(hasKeys, help.open);
  return (
    <div data-mode={livemode ? 'live' : 'test'}>
      <a href="#main" className="skip">
        Skip to content
      </a>
      <AppShell
        header={{ height: 60 }}
        navbar={{ width: 216, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
        padding="md"
      >
        <AppShell.Header className="frame">
          <Header isOpen={isOpen} toggle={menu.toggle} help={help.open} />
        </AppShell.Header>
        <AppShell.Navbar p="sm">
          <Navigation close={menu.close} />
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1}>
          <ArrivalProvider value={arrive}>
            <div className="inner">{children}</div>
          </ArrivalProvider>
        </AppShell.Main>
      </AppShell>
      <Help opened={hasHelp} close={help.close} hasKeys={hasKeys} setKeys={setKeys} />
    </div>
  );
}
