import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from '@tabler/icons-react';
import type { Today } from '../../../generated/contract.d.ts';
import { formatMoney } from '../parts/money.tsx';
import type { Tone } from '../parts/status-badge.tsx';
import { dayOf, percent, weekdayOf } from './days.ts';

type Revenue = Today['revenue'][number];

/** What came in today, a card for each currency: what is of different currencies is never added up. */
export function RevenueCards({ today }: { today: Today }) {
  if (today.revenue.length === 0)
    return (
      <div className="card section">
        <h2 className="figure-name">Revenue</h2>
        <div className="figure">Nothing yet today</div>
        <div className="soft">And nothing a week ago, on {when(today)}.</div>
      </div>
    );
  return (
    <>
      {today.revenue.map((revenue) => (
        <RevenueCard key={revenue.currency} revenue={revenue} today={today} />
      ))}
    </>
  );
}

function RevenueCard({ revenue, today }: { revenue: Revenue; today: Today }) {
  const { currency, amount, payments, average, refunded, refunds, last_week: lastWeek } = revenue;
  return (
    <section className="card section" aria-label={`Revenue in ${currency.toUpperCase()}`}>
      <h2 className="figure-name">Revenue, {currency.toUpperCase()}</h2>
      <div className="figure number">{formatMoney(amount)}</div>
      <Comparison revenue={revenue} today={today} />
      <dl className="facts figure-facts">
        <dt>Payments</dt>
        <dd>{payments}</dd>
        <dt>Average order</dt>
        <dd>{average ? formatMoney(average) : '–'}</dd>
        <dt>Refunded today</dt>
        <dd>
          {formatMoney(refunded)} {refunds > 0 && `(${refunds})`}
        </dd>
        <dt>All of {when(today)}</dt>
        <dd>
          {formatMoney(lastWeek.amount)} ({lastWeek.payments})
        </dd>
      </dl>
    </section>
  );
}

/** More or less than a week ago: in words, with a sign, and in a colour. */
function Comparison({ revenue: { amount, last_week_so_far: soFar }, today }: CardProps) {
  const difference = amount.value - soFar.amount.value;
  const { tone, icon: Icon, word } = TRENDS[Math.sign(difference)] ?? SAME;
  const then = `last ${weekdayOf(today.last_week_date)} by this time`;
  return (
    <div className="tone trend" data-tone={tone}>
      <Icon size={18} aria-hidden /> {compared()}
    </div>
  );

  function compared(): string {
    const before = soFar.amount.value;
    if (difference === 0) return `As much as ${then}`;
    if (before === 0) return `Nothing ${then}`;
    return `${percent(Math.abs(difference), before)} ${word} than ${then} (${formatMoney(soFar.amount)})`;
  }
}

interface CardProps {
  revenue: Revenue;
  today: Today;
}

const SAME = { tone: 'neutral' as Tone, icon: IconArrowRight, word: 'as much' };
const TRENDS: Record<number, typeof SAME> = {
  1: { tone: 'good', icon: IconArrowUpRight, word: 'more' },
  [-1]: { tone: 'bad', icon: IconArrowDownRight, word: 'less' },
};

function when({ last_week_date: date }: Today): string {
  return `${weekdayOf(date)} ${dayOf(date)}`;
}
