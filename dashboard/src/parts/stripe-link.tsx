import { IconExternalLink } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useSession } from '../session/session.ts';
import { useView } from '../shell/view.ts';

const STRIPE = 'https://dashboard.stripe.com';

/** Where objects stand in Stripe's dashboard, by the beginning of their id. The rest is searched for. */
const PLACES: Record<string, string> = {
  acct: 'connect/accounts',
  ch: 'payments',
  cs: 'checkout/sessions',
  cus: 'customers',
  dp: 'disputes',
  du: 'disputes',
  evt: 'events',
  in: 'invoices',
  pi: 'payments',
  po: 'payouts',
  py: 'payments',
  sub: 'subscriptions',
  tr: 'connect/transfers',
  we: 'webhooks',
};

/** A link to an object at Stripe, or at the simulator that stands for it. */
export function StripeLink({
  id,
  account = null,
  children,
}: {
  id: string;
  /** The connected account it belongs to; for an account itself, none. */
  account?: string | null;
  children?: ReactNode;
}) {
  const { dashboard } = useSession().stripe;
  const { livemode } = useView();
  return (
    <a
      href={stripeAddress(dashboard, { id, account, livemode })}
      target="_blank"
      rel="noreferrer"
      className="link"
    >
      {children ?? <span className="mono">{id}</span>}{' '}
      <IconExternalLink size={14} aria-label="opens at Stripe" />
    </a>
  );
}

function stripeAddress(
  dashboard: string,
  { id, account, livemode }: { id: string; account: string | null; livemode: boolean },
): string {
  const kind = id.split('_')[0] ?? '';
  const name = encodeURIComponent(id);
  if (new URL(dashboard).origin !== STRIPE)
    return new URL(`/_sim/${kind === 'evt' ? 'events' : 'objects'}/${name}`, dashboard).href;
  const place = PLACES[kind];
  const path = [account, livemode ? null : 'test', place ? `${place}/${name}` : `search?query=${name}`];
  return `${STRIPE}/${path.filter(Boolean).join('/')}`;
}
