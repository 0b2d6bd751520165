import { formatMoney } from '../money.ts';
import { readBalance, type Balance } from '../payouts/balance.ts';
import { publicPayout, type Payout } from '../payouts/payout.ts';
import { keptPayouts } from '../payouts/rows.ts';
import { readSchedule, type Schedule } from '../payouts/schedule.ts';
import { closedBy } from './closed.ts';
import type { DoorOptions } from './door.tsx';
import { day } from './pages.tsx';
import type { SellerRow } from './seller.ts';

const PAYOUTS_SHOWN = 10;

/** What a page shows of a seller's money; null where Stripe could not be asked. */
export interface SellerMoney {
  balance: Balance[] | null;
  schedule: Schedule | null;
  payouts: Payout[];
}

/** Null when there is no account whose money could be shown. */
export async function readMoney(
  { database, clients, logger }: DoorOptions,
  seller: SellerRow,
): Promise<SellerMoney | null> {
  const { account, livemode } = seller;
  if (account === null || seller.status === 'disconnected' || clients.livemode === null) return null;
  const stripe = clients.for(account);
  const target = { seller, account, stripe };
  const [balance, schedule, kept] = await Promise.all([
    readBalance(stripe).catch((error: unknown) => {
      closedBy(error, logger, { seller: seller.id });
      return null;
    }),
    readSchedule({ platform: clients.own(), target }),
    keptPayouts(database.sql, { account, livemode, status: null, after: null, limit: PAYOUTS_SHOWN }),
  ]);
  return {
    balance,
    schedule: 'value' in schedule ? schedule.value : null,
    payouts: kept.map(publicPayout),
  };
}

/** A seller's money: what there is, when it is paid out, and what was. */
export function MoneyView({ money, isStaff = false }: { money: SellerMoney; isStaff?: boolean }) {
  return (
    <>
      <BalanceCard balance={money.balance} schedule={money.schedule} />
      <section class="card panel">
        <h2>Payouts</h2>
        {money.payouts.length === 0 ? (
          <p class="soft">None yet. They appear here as soon as Stripe sends one to the bank.</p>
        ) : (
          <PayoutTable payouts={money.payouts} isStaff={isStaff} />
        )}
      </section>
    </>
  );
}

function BalanceCard({ balance, schedule }: Pick<SellerMoney, 'balance' | 'schedule'>) {
  return (
    <section class="card panel">
      <h2>Balance</h2>
      {balance === null ? (
        <p class="soft">Stripe could not tell right now. Reload the page in a moment.</p>
      ) : (
        <dl class="summary">
          {balance.map(({ currency, available, pending }) => (
            <>
              <dt>Available in {currency.toUpperCase()}</dt>
              <dd class="price">{formatMoney({ value: available, currency })}</dd>
              <dt>On its way in {currency.toUpperCase()}</dt>
              <dd>{formatMoney({ value: pending, currency })}</dd>
            </>
          ))}
        </dl>
      )}
      {schedule && <p class="soft">{scheduleWords(schedule)}</p>}
    </section>
  );
}

const TO_SELLERS =
  'The bank sent it back, and the money is in your balance again. Correct your bank account at Stripe.';

function PayoutTable({ payouts, isStaff }: { payouts: readonly Payout[]; isStaff: boolean }) {
  return (
    <table>
      <thead>
        <tr>
          <th>Made</th>
          <th class="number">Amount</th>
          <th>State</th>
          <th>Arrives</th>
        </tr>
      </thead>
      <tbody>
        {payouts.map(({ created_at, amount, status, arrival_date, failure }) => (
          <tr>
            <td class="still" data-name="Made">
              {day(created_at)}
            </td>
            <td class="number" data-name="Amount">
              {formatMoney(amount)}
            </td>
            <td data-name="State">
              <span class={`tag ${PAYOUT_LOOKS[status]}`}>{status.replace('_', ' ')}</span>
              {failure && <span class="error">{isStaff ? failure.advice : TO_SELLERS}</span>}
            </td>
            <td class="still" data-name="Arrives">
              {arrival_date ? day(arrival_date) : '–'}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const PAYOUT_LOOKS: Record<Payout['status'], string> = {
  pending: 'wait',
  in_transit: 'wait',
  // What Stripe expects of the bank; it can still come back.
  paid: 'good',
  failed: 'bad',
  canceled: '',
};

function scheduleWords({ interval, weekly_payout_days, monthly_payout_days, delay_days }: Schedule): string {
  const delay = `Money is available ${delay_days} ${delay_days === 1 ? 'day' : 'days'} after a payment.`;
  if (interval === 'manual') return `Paid out on request only. ${delay}`;
  const days = [...weekly_payout_days, ...monthly_payout_days.map((each) => `the ${each}.`)];
  const when = days.length > 0 ? ` (${days.join(', ')})` : '';
  return `Paid out ${interval}${when}. ${delay}`;
}
