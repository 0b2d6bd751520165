import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Seller } from '../../../generated/contract.d.ts';
import { useAction } from '../api/hooks.ts';
import { Copy } from '../parts/copy.tsx';
import { Section } from '../parts/section.tsx';
import { Time } from '../parts/time.tsx';
import { nameOf } from './standing.tsx';

interface Made {
  title: string;
  url: string;
  /** When it stops working; null when it is good once. */
  expiresAt: string | null;
}

/** Addresses that let a seller in, made when they are asked for. */
export function SellerLinks({ seller }: { seller: Seller }) {
  const [made, setMade] = useState<Made | null>(null);
  const params = { id: seller.id };
  const isGone = seller.status === 'disconnected';
  const onboarding = useAction('makeOnboardingLink', {
    refreshes: [],
    onDone: ({ url, expires_at: expiresAt }) => setMade({ title: 'Onboarding link', url, expiresAt }),
  });
  const page = useAction('makeSellerPageLink', {
    refreshes: [],
    onDone: ({ url, expires_at: expiresAt }) => setMade({ title: 'Link to their page', url, expiresAt }),
  });
  const login = useAction('makeLoginLink', {
    refreshes: [],
    onDone: ({ url }) => setMade({ title: 'Login link', url, expiresAt: null }),
  });
  return (
    <Section title="Links for the seller">
      <Group gap="xs">
        <Button
          variant="default"
          disabled={isGone && seller.mode !== 'oauth'}
          loading={onboarding.isPending}
          onClick={() => onboarding.mutate({ params })}
        >
          New onboarding link
        </Button>
        <Button variant="default" loading={page.isPending} onClick={() => page.mutate({ params })}>
          Link to their page
        </Button>
        {seller.dashboard === 'express' && !isGone && (
          <Button variant="default" loading={login.isPending} onClick={() => login.mutate({ params })}>
            Login link (Express)
          </Button>
        )}
      </Group>
      <MadeLink made={made} to={nameOf(seller)} close={() => setMade(null)} />
    </Section>
  );
}

function MadeLink({ made, to, close }: { made: Made | null; to: string; close: () => void }) {
  return (
    <Modal opened={made !== null} onClose={close} title={<strong>{made?.title}</strong>}>
      {made && (
        <Stack>
          <div>
            Whoever has this address is in as {to}: send it to nobody else.{' '}
            {made.expiresAt === null ? (
              'It is good once.'
            ) : (
              <>
                It works until <Time at={made.expiresAt} isExact />.
              </>
            )}
          </div>
          <Group gap="xs" wrap="nowrap" align="end">
            <TextInput label="Address" value={made.url} readOnly flex={1} />
            <Copy value={made.url} what="the address" />
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
