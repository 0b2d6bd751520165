import { Center, Stack, Title } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { usePresence } from '../session/session.ts';

/** A page before the door: the name of the place, and one thing to do. */
export function Outside({ title, children }: { title: string; children: ReactNode }) {
  const { shopName } = usePresence();
  useEffect(() => {
    document.title = `${title} – ${shopName}`;
  }, [title, shopName]);
  return (
    <Center component="main" mih="100vh" p="md">
      <div className="card section door">
        <Stack gap="md">
          <div>
            <div className="soft">{shopName}</div>
            <Title order={1}>{title}</Title>
          </div>
          {children}
        </Stack>
      </div>
    </Center>
  );
}
