import type { Answer } from '../api/client.ts';
import { Id } from '../parts/copy.tsx';
import { formatMoney, Money } from '../parts/money.tsx';
import { Rows, type Column } from '../parts/rows.tsx';
import { KeyValue, Section } from '../parts/section.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import { Time } from '../parts/time.tsx';
import { To } from '../parts/to.tsx';

/** With all that an operator may see; a buyer is told less. */
export type Order = Extract<Answer<'getOrder'>, { shares: unknown }>;

/** Whose charge the payment is. */
const CHARGES: Record<Order['charge_type'], string> = {
  platform: 'you',
  destination: 'you, and sent on to one seller',
  separate: 'you, and shared out by transfers',
  direct: 'the seller',
};

/** What is known of an order. */
export function Facts({ order }: { order: Order }) {
  const { amount, refunded, fee, stripe_account: account, checkout_session, payment_intent, charge } = order;
  const { currency } = amount;
  return (
    <Section title="Payment">
      <KeyValue
        facts={[
          ['Amount', <Money amount={amount} />],
          ['Given back', refunded > 0 ? <Money amount={{ value: refunded, currency }} /> : null],
          ['Your fee', fee > 0 ? <Money amount={{ value: fee, currency }} /> : null],
          ['Buyer', order.email],
          ['Ordered', <Time at={order.created_at} isExact />],
          ['Paid', order.paid_at && <Time at={order.paid_at} isExact />],
          ['Fulfilled', order.fulfilled_at && <Time at={order.fulfilled_at} isExact />],
          ['Reviewed', order.reviewed_at && <Time at={order.reviewed_at} isExact />],
          ['Paid to', CHARGES[order.charge_type]],
          ['Account', account && <StripeLink id={account} />],
          ['Payment', payment_intent && <StripeLink id={payment_intent} account={account} />],
          ['Charge', charge && <StripeLink id={charge} account={account} />],
          ['Checkout', checkout_session && <StripeLink id={checkout_session} account={account} />],
          ['Order', <Id value={order.id} />],
        ]}
      />
    </Section>
  );
}

/** What was ordered. */
export function Items({ order }: { order: Order }) {
  return (
    <Section title="Items">
      <Rows label="Items" rows={order.items} columns={itemColumns(order)} keyOf={keyOfItem} />
    </Section>
  );
}

/** Who gets what of it. */
export function Shares({ order: { shares, amount } }: { order: Order }) {
  const columns = shareColumns(amount.currency);
  return (
    <Section title="Sellers’ shares">
      <Rows label="Sellers’ shares" rows={shares} columns={columns} keyOf={({ seller }) => seller} />
    </Section>
  );
}

type Item = Order['items'][number];

function itemColumns({ amount: { currency }, shares }: Order): readonly Column<Item>[] {
  const money = (value: number): string => formatMoney({ value, currency });
  const idOf = (reference: string): string | null =>
    shares.find(({ seller }) => seller === reference)?.seller_id ?? null;
  return [
    { label: 'What', cell: ({ name }) => name },
    { label: 'Quantity', cell: ({ quantity }) => quantity, isNumber: true },
    { label: 'Each', cell: ({ unit_amount: each }) => money(each), isNumber: true },
    { label: 'Together', cell: ({ amount }) => money(amount), isNumber: true },
    {
      label: 'Seller',
      cell: ({ seller }) => (seller === null ? 'you' : <SellerLink reference={seller} id={idOf(seller)} />),
    },
  ];
}

type Share = Order['shares'][number];

function shareColumns(currency: string): readonly Column<Share>[] {
  const money = (value: number): string => (value === 0 ? '–' : formatMoney({ value, currency }));
  return [
    { label: 'Seller', cell: ({ seller, seller_id: id }) => <SellerLink reference={seller} id={id} /> },
    { label: 'Sold for', cell: ({ amount }) => money(amount), isNumber: true },
    { label: 'Your fee', cell: ({ fee }) => money(fee), isNumber: true },
    { label: 'Taken back', cell: ({ reversed }) => money(reversed), isNumber: true },
    { label: 'Withheld', cell: ({ withheld }) => money(withheld), isNumber: true },
    { label: 'Given again', cell: ({ given_again: again }) => money(again), isNumber: true },
    {
      label: 'Transfer',
      cell: ({ transfer }) =>
        transfer === null ? <span className="soft">none</span> : <StripeLink id={transfer} />,
    },
  ];
}

function SellerLink({ reference, id }: { reference: string; id: string | null }) {
  return id === null ? <>{reference}</> : <To path={`/sellers/${id}`}>{reference}</To>;
}

function keyOfItem({ product, seller, unit_amount: price, quantity }: Item): string {
  return [product, seller, price, quantity].join('/');
}
