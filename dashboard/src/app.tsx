import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { Router } from 'wouter';
import { Client } from './api/client.ts';
import { ClientContext } from './api/hooks.ts';
import { isPassing } from './api/problem.ts';
import { NowProvider } from './parts/time.tsx';
import { SESSION_KEY } from './session/session.ts';
import { Entrance } from './shell/entrance.tsx';
import { cssVariables, theme } from './shell/theme.ts';

const BASE = '/admin';
const RETRIES_MAX = 2;
const FRESH_MS = 5_000;

/** The console. */
export function App({ nonce }: { nonce: string }) {
  const [queries] = useState(newQueries);
  const [client] = useState(
    () => new Client(() => void queries.invalidateQueries({ queryKey: SESSION_KEY })),
  );
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
    >
      <QueryClientProvider client={queries}>
        <ClientContext value={client}>
          <NowProvider>
            <Notifications position="bottom-right" />
            <Router base={BASE}>
              <Entrance client={client} />
            </Router>
          </NowProvider>
        </ClientContext>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function newQueries(): QueryClient {
  const retry = (failures: number, error: Error): boolean => isPassing(error) && failures < RETRIES_MAX;
  return new QueryClient({ defaultOptions: { queries: { staleTime: FRESH_MS, retry } } });
}
