import { ScrollArea } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import { isAllowed, useSession } from '../session/session.ts';
import { GROUPS, PAGES, type ConsolePage } from './console-page.ts';
import { useView } from './view.ts';

/** The pages there are, for who may open them. */
export function Navigation({ close }: { close: () => void }) {
  const { role } = useSession();
  const pages = PAGES.filter((page) => page.nav && isAllowed(role, page.role ?? 'viewer'));
  return (
    <ScrollArea>
      <nav aria-label="Pages">
        {GROUPS.map((group) => {
          const own = pages.filter(({ nav }) => nav?.group === group);
          return own.map((page, index) => (
            <NavigationLink key={page.path} page={page} close={close} isFirst={index === 0} />
          ));
        })}
      </nav>
    </ScrollArea>
  );
}

function NavigationLink({
  page,
  close,
  isFirst,
}: {
  page: ConsolePage;
  close: () => void;
  isFirst: boolean;
}) {
  const { to } = useView();
  const [path] = useLocation();
  if (!page.nav) return null;
  const { label, icon: Icon } = page.nav;
  const isHere = page.path === '/' ? path === '/' : path === page.path || path.startsWith(`${page.path}/`);
  return (
    <Link
      href={to(page.path)}
      className={isFirst ? 'nav-link first' : 'nav-link'}
      onClick={close}
      {...(isHere && { 'aria-current': 'page' })}
    >
      <Icon size={20} stroke={1.75} aria-hidden />
      {label}
    </Link>
  );
}
