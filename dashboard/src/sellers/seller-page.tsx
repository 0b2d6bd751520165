import { Button, Stack } from '@mantine/core';
import { useParams } from 'wouter';
import type { Seller } from '../../../generated/contract.d.ts';
import { useAction, useOperation } from '../api/hooks.ts';
import { Id } from '../parts/copy.tsx';
import { Page } from '../parts/page.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { Known } from '../parts/states.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';
import { useMay } from '../session/session.ts';
import { useView } from '../shell/view.ts';
import { Balance } from './balance.tsx';
import { Disconnect } from './disconnect.tsx';
import { SellerLinks } from './links.tsx';
import { Payouts } from './payouts.tsx';
import { reasonInWords } from './reason.ts';
import { Schedule } from './schedule.tsx';
import { MissingList, nameOf, SellerStatus } from './standing.tsx';
import { Statement } from './statement.tsx';

export default function SellerPage() {
  const { id = '' } = useParams();
  const { mode } = useView();
  const found = useOperation('getSeller', { params: { id }, query: mode });
  const seller = found.data;
  return (
    <Page
      title={seller ? nameOf(seller) : 'Seller'}
      aside={seller && <SellerStatus status={seller.status} />}
      back={{ path: '/sellers', label: 'Sellers' }}
      actions={seller && <Refresh id={id} />}
    >
      <Known found={found}>{(known) => <About seller={known} />}</Known>
    </Page>
  );
}

function About({ seller }: { seller: Seller }) {
  const mayAct = useMay('operator');
  return (
    <Stack gap="md">
      <Standing seller={seller} />
      {mayAct && <SellerLinks seller={seller} />}
      {seller.account !== null && seller.status !== 'disconnected' && (
        <>
          <Balance id={seller.id} />
          <Payouts id={seller.id} account={seller.account} />
          <Schedule id={seller.id} />
          <Statement id={seller.id} />
        </>
      )}
      <Facts seller={seller} />
      <Disconnect seller={seller} />
    </Stack>
  );
}

function Standing({ seller: { status, missing, reason, checked_at: checkedAt } }: { seller: Seller }) {
  const isReady = status === 'ready' && missing.length === 0;
  return (
    <Section title="What is missing">
      {reason !== null && (
        <div className="notice" data-tone={status === 'restricted' ? 'bad' : 'neutral'}>
          <div>{reasonInWords(reason)}</div>
          <span className="mono soft">{reason}</span>
        </div>
      )}
      {missing.length > 0 && <MissingList missing={missing} />}
      {isReady && <div>Nothing. They can be sold for and paid out.</div>}
      {!isReady && missing.length === 0 && reason === null && <div>{WAITING[status]}</div>}
      <div className="soft">
        As Stripe said <Time at={checkedAt} />
      </div>
    </Section>
  );
}

const WAITING: Record<Seller['status'], string> = {
  not_started: 'They have entered nothing yet. Send them an onboarding link.',
  incomplete: 'Stripe waits for them. Send them an onboarding link.',
  under_review: 'Everything is entered, and Stripe is looking at it. There is nothing to do.',
  restricted: 'Stripe has taken something away. Look at the account at Stripe.',
  ready: 'Nothing.',
  disconnected: 'The account is no longer connected.',
};

function Facts({ seller }: { seller: Seller }) {
  const { id, account, reference, email, country, created_at: createdAt } = seller;
  return (
    <Section title="About">
      <KeyValue
        facts={[
          ['Reference', reference],
          ['Id', <Id value={id} />],
          ['Account', account && <StripeLink id={account} />],
          ['E-mail', email],
          ['Country', country],
          ['Business', seller.business_type],
          ['Charges', seller.charges_enabled ? 'On' : 'Off'],
          ['Payouts', seller.payouts_enabled ? 'On' : 'Off'],
          ['Came by', seller.mode === 'oauth' ? 'Their own account (OAuth)' : 'Onboarding at Stripe'],
          ['Since', <Time at={createdAt} isExact />],
          [
            'Only theirs',
            account && (
              <>
                <To path="/orders" query={{ account }}>
                  Orders
                </To>
                {' · '}
                <To path="/events" query={{ account }}>
                  Events
                </To>
                {' · '}
                <To path="/disputes" query={{ account }}>
                  Disputes
                </To>
              </>
            ),
          ],
        ]}
      />
    </Section>
  );
}

function Refresh({ id }: { id: string }) {
  const mayAct = useMay('operator');
  const refresh = useAction('refreshSeller', { done: 'Read from Stripe.' });
  if (!mayAct) return null;
  return (
    <Button variant="default" loading={refresh.isPending} onClick={() => refresh.mutate({ params: { id } })}>
      Read from Stripe
    </Button>
  );
}
