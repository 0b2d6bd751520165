import { Center, Loader } from '@mantine/core';
import { Suspense, type ReactElement } from 'react';
import { Route } from 'wouter';
import { isAllowed, usePresence } from '../session/session.ts';
import { Broken } from './broken.tsx';
import type { ConsolePage } from './console-page.ts';
import { NotAllowed } from './not-found.tsx';

/** A route for each page. Other parameters in the path make another page, with its own state. */
export function routesTo(pages: readonly ConsolePage[]): ReactElement[] {
  return pages.map((page) => (
    <Route key={page.path} path={page.path}>
      {(params) => <Opened key={JSON.stringify(params)} page={page} />}
    </Route>
  ));
}

function Opened({ page: { component: Page, role = 'viewer', outside } }: { page: ConsolePage }) {
  const { session } = usePresence();
  if (!outside && session && !isAllowed(session.role, role)) return <NotAllowed role={role} />;
  return (
    <Broken>
      <Suspense
        fallback={
          <Center p="xl">
            <Loader aria-label="Loading" />
          </Center>
        }
      >
        <Page />
      </Suspense>
    </Broken>
  );
}
