import { Page } from '../parts/page.tsx';
import { To } from '../parts/to.tsx';
import type { Role } from '../session/session.ts';

export function NotFound() {
  return (
    <Page title="There is no such page">
      <p>
        The address may be mistyped, or what it led to is gone. <To path="/">Go to the first page</To>
      </p>
    </Page>
  );
}

export function NotAllowed({ role }: { role: Role }) {
  return (
    <Page title="This page is not for you">
      <p>
        It needs the role {role}. Ask an admin to give it to you. <To path="/">Go to the first page</To>
      </p>
    </Page>
  );
}
