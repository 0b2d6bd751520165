import { Stack, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useEffect, useRef, type ReactNode } from 'react';
import { usePresence } from '../session/session.ts';
import { useArrival } from '../shell/arrival.ts';
import { To } from './to.tsx';

export interface PageProps {
  title: string;
  /** What stands beside the title: a status. */
  aside?: ReactNode;
  /** Where this page was reached from. */
  back?: { path: string; label: string };
  /** Buttons that are about all of it. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: its title, a way back, what can be done, and the rest below. */
export function Page({ title, aside, back, actions, children }: PageProps) {
  const { shopName: shop } = usePresence();
  const heading = useRef<HTMLHeadingElement>(null);
  const arrive = useArrival();
  useEffect(() => {
    document.title = `${title} – ${shop}`;
  }, [title, shop]);
  // Who can't see the page hears where they are now.
  useEffect(() => arrive(heading.current), [arrive]);
  return (
    <Stack gap="md">
      <div>
        {back && (
          <To path={back.path} className="link back">
            <IconArrowLeft size={16} aria-hidden />
            {back.label}
          </To>
        )}
        <div className="head">
          <div className="head">
            <Title order={1} ref={heading} tabIndex={-1}>
              {title} {aside}
            </Title>
          </div>
          {actions}
        </div>
      </div>
      {children}
    </Stack>
  );
}
