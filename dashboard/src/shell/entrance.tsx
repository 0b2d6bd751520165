import { Center, Loader } from '@mantine/core';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import type { Client } from '../api/client.ts';
import { Failure } from '../parts/states.tsx';
import { PresenceContext, useWhoIsThere } from '../session/session.ts';
import { PAGES } from './console-page.ts';
import { Layout } from './layout.tsx';
import { NotFound } from './not-found.tsx';
import { routesTo } from './routes-to.tsx';

const OUTSIDE = PAGES.filter(({ outside }) => outside);
const SIGN_IN = '/sign-in';

/** Asks who is there: in to the pages, or to where one signs in and back again. */
export function Entrance({ client }: { client: Client }) {
  const { data: presence, error, refetch } = useWhoIsThere(client);
  if (error && !presence)
    return (
      <main>
        <Center mih="100vh" p="md">
          <Failure problem={error} again={() => void refetch()} />
        </Center>
      </main>
    );
  if (!presence)
    return (
      <Center mih="100vh">
        <Loader aria-label="Loading" />
      </Center>
    );
  return (
    <PresenceContext value={presence}>
      <Switch>
        {routesTo(OUTSIDE)}
        <Route>{presence.session ? <Inside /> : <ToSignIn />}</Route>
      </Switch>
    </PresenceContext>
  );
}

function Inside() {
  return (
    <Layout>
      <Switch>
        {routesTo(PAGES.filter(({ outside }) => !outside))}
        <Route>
          <NotFound />
        </Route>
      </Switch>
    </Layout>
  );
}

function ToSignIn() {
  const [path] = useLocation();
  const search = useSearch();
  const back = `/admin${path}${search && `?${search}`}`;
  return <Redirect to={`${SIGN_IN}?return_to=${encodeURIComponent(back)}`} replace />;
}
