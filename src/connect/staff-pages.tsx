import type { Child } from 'hono/jsx';
import { howToPart } from './disconnect.ts';
import { MoneyView, type SellerMoney } from './money-view.tsx';
import { DueList, moment, reason } from './pages.tsx';
import { SELLER_STATUSES, type SellerRow, type SellerStatus } from './seller.ts';
import { FORM_TOKEN } from './session.ts';

const LOOKS: Record<SellerStatus, string> = {
  not_started: '',
  incomplete: 'wait',
  under_review: 'wait',
  restricted: 'bad',
  ready: 'good',
  disconnected: '',
};

/** All sellers of this mode, those of one state when it is asked for. */
export function StaffListPage(page: {
  sellers: readonly SellerRow[];
  status: SellerStatus | null;
  next: string | null;
  formToken: string;
}) {
  const { sellers, status, next, formToken } = page;
  const filter = status ? `status=${status}&` : '';
  return (
    <>
      <h1>Sellers</h1>
      <nav aria-label="State">
        <ul class="tabs">
          <Tab href="/connect/staff" isHere={status === null} label="All" />
          {SELLER_STATUSES.map((each) => (
            <Tab href={`/connect/staff?status=${each}`} isHere={each === status} label={words(each)} />
          ))}
        </ul>
      </nav>
      <section class="card panel">
        {sellers.length === 0 ? (
          <p class="soft">{status ? 'There are none in this state.' : 'There are no sellers yet.'}</p>
        ) : (
          <SellerTable sellers={sellers} />
        )}
      </section>
      <div class="actions">
        {next && (
          <a class="button" href={`/connect/staff?${filter}after=${next}`}>
            More sellers
          </a>
        )}
        <ActionForm action="/connect/staff/sign-out" formToken={formToken} label="Sign out" look="quiet" />
      </div>
    </>
  );
}

function Tab({ href, isHere, label }: { href: string; isHere: boolean; label: string }) {
  return (
    <li>
      <a href={href} aria-current={isHere ? 'page' : undefined}>
        {label}
      </a>
    </li>
  );
}

function SellerTable({ sellers }: { sellers: readonly SellerRow[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th>Seller</th>
          <th>State</th>
          <th>Your reference</th>
          <th>Country</th>
          <th>Last checked (UTC)</th>
        </tr>
      </thead>
      <tbody>
        {sellers.map((seller) => (
          <tr>
            <td>
              <a href={`/connect/staff/sellers/${seller.id}`}>{titleOf(seller)}</a>
            </td>
            <td>
              <StatusTag status={seller.status} />
            </td>
            <td data-name="Your reference">{seller.reference}</td>
            <td data-name="Country">{seller.country ?? '–'}</td>
            <td class="still" data-name="Last checked">
              {moment(seller.checked_at)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export interface StaffSellerPageParts {
  seller: SellerRow;
  money: SellerMoney | null;
  formToken: string;
  /** What was just done, or could not be. */
  notice: { look: 'good' | 'bad'; text: string } | null;
  /** A link of ours for the seller, to be handed over. */
  link: string | null;
}

/** One seller, with everything staff may see and do. */
export function StaffSellerPage({ seller, money, formToken, notice, link }: StaffSellerPageParts) {
  const base = `/connect/staff/sellers/${seller.id}`;
  const isGone = seller.status === 'disconnected';
  const canBeLinked = !isGone || seller.mode === 'oauth';
  return (
    <>
      <p>
        <a href="/connect/staff">All sellers</a>
      </p>
      <h1>{titleOf(seller)}</h1>
      {notice && (
        <p class={`note ${notice.look}`} role="status">
          {notice.text}
        </p>
      )}
      {link && <LinkCard link={link} />}
      <section class="card panel">
        <FactList seller={seller} />
      </section>
      <DueList seller={seller} />
      {money && <MoneyView money={money} isStaff />}
      <div class="actions">
        {canBeLinked && (
          <ActionForm action={`${base}/link`} formToken={formToken} label="New onboarding link" />
        )}
        <ActionForm action={`${base}/refresh`} formToken={formToken} label="Ask Stripe again" look="quiet" />
      </div>
      {seller.account && !isGone && <PartCard seller={seller} formToken={formToken} />}
    </>
  );
}

function LinkCard({ link }: { link: string }) {
  return (
    <section class="card panel">
      <label>
        Give this link to the seller, and to nobody else: it opens their onboarding for an hour.
        <input type="text" readonly value={link} />
      </label>
    </section>
  );
}

function FactList({ seller }: { seller: SellerRow }) {
  const yes = (flag: boolean): string => (flag ? 'yes' : 'no');
  const facts: [string, Child][] = [
    ['State', <StatusTag status={seller.status} />],
    ['Reason', seller.reason && reason(seller.reason)],
    ['Your reference', seller.reference],
    ['Seller', seller.id],
    ['Account at Stripe', seller.account ?? 'none yet'],
    ['Came by', seller.mode === 'oauth' ? 'OAuth' : 'onboarding link'],
    ['E-mail', seller.email],
    ['Country', seller.country],
    ['Takes charges', yes(seller.charges_enabled)],
    ['Gets payouts', yes(seller.payouts_enabled)],
    ['Dashboard', seller.dashboard],
    ['Since (UTC)', moment(seller.created_at)],
    ['Last checked (UTC)', moment(seller.checked_at)],
  ];
  return (
    <dl class="summary">
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
    </dl>
  );
}

function PartCard({ seller, formToken }: { seller: SellerRow; formToken: string }) {
  const closes = howToPart(seller) === 'close';
  const label = closes ? 'Close the account' : 'Disconnect';
  return (
    <section class="card panel">
      <h2>{label}</h2>
      <p>
        {closes
          ? 'This account was made by your platform, so it can’t be disconnected, only closed: for ever.'
          : 'The seller keeps the account; your platform can no longer use it until they connect again.'}{' '}
        Nothing more can be sold for this seller, and open payment links are closed.
      </p>
      <form method="post" action={`/connect/staff/sellers/${seller.id}/disconnect`}>
        <input type="hidden" name={FORM_TOKEN} value={formToken} />
        <label class="sure">
          <input type="checkbox" name="sure" value="yes" required />
          Yes, {closes ? 'close it' : 'disconnect it'}
        </label>
        <p>
          <button class="danger" type="submit">
            {label}
          </button>
        </p>
      </form>
    </section>
  );
}

function ActionForm(form: { action: string; formToken: string; label: string; look?: string }) {
  return (
    <form method="post" action={form.action}>
      <input type="hidden" name={FORM_TOKEN} value={form.formToken} />
      <button class={form.look} type="submit">
        {form.label}
      </button>
    </form>
  );
}

function StatusTag({ status }: { status: SellerStatus }) {
  return <span class={`tag ${LOOKS[status]}`}>{words(status)}</span>;
}

function titleOf({ name, email, reference }: SellerRow): string {
  return name ?? email ?? reference;
}

function words(status: SellerStatus): string {
  const text = status.replace('_', ' ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
