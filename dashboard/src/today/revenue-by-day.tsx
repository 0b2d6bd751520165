import { SegmentedControl } from '@mantine/core';
import type { Revenue, Today } from '../../../generated/contract.d.ts';
import { addressOf } from '../api/client.ts';
import { useOperation } from '../api/hooks.ts';
import { Bars } from '../parts/bars.tsx';
import { CsvButton } from '../parts/list-page.tsx';
import { formatMoney, formatMoneyShort } from '../parts/money.tsx';
import { Section } from '../parts/section.tsx';
import { Empty, Known } from '../parts/states.tsx';
import { useFilter, useView } from '../shell/view.ts';
import { dayOf, rate, TIME_ZONE } from './days.ts';

const DAYS = ['30', '90'] as const;
const REFRESH_MS = 60_000;

/** Revenue of the last 30 or 90 days, a chart for each currency. */
export function RevenueByDay({ today }: { today: Today }) {
  const { query } = useView();
  const [filter, change] = useFilter();
  const days = filter.get('days') === '90' ? '90' : '30';
  const asked = { query: { ...query, tz: TIME_ZONE, days } as const };
  const found = useOperation('getRevenue', asked, { refreshMs: REFRESH_MS });
  return (
    <Section
      title="Revenue by day"
      actions={
        <>
          <SegmentedControl
            aria-label="How many days"
            value={days}
            data={DAYS.map((value) => ({ value, label: `${value} days` }))}
            onChange={(value) => change({ days: value === '30' ? null : value })}
          />
          <CsvButton address={addressOf('exportRevenue', asked)} />
        </>
      }
    >
      <Known found={found}>{(revenue) => <Charts revenue={upToNow(revenue, today)} />}</Known>
    </Section>
  );
}

/** The last day as the stream has it: the others change no more. */
function upToNow(revenue: Revenue, { date, revenue: now }: Today): Revenue {
  const data = revenue.data.map((day) => (day.date === date ? { date, revenue: now } : day));
  return { ...revenue, data };
}

function Charts({ revenue: { data, success } }: { revenue: Revenue }) {
  const all = data.flatMap(({ revenue }) => revenue.map(({ amount }) => amount.currency));
  const currencies = [...new Set(all)].toSorted();
  if (currencies.length === 0) return <Empty title="Nothing was paid in this time." />;
  return (
    <>
      {currencies.map((currency) => (
        <Chart key={currency} currency={currency} data={data} />
      ))}
      {success.tried > 0 && (
        <div className="soft">
          {rate(success.paid, success.tried)} of the {success.tried} orders begun in this time that somebody
          tried to pay were paid. Days are those of {TIME_ZONE}.
        </div>
      )}
    </>
  );
}

function Chart({ currency, data }: { currency: string; data: Revenue['data'] }) {
  const bars = data.map(({ date, revenue }) => {
    const found = revenue.find(({ amount }) => amount.currency === currency);
    return { label: dayOf(date), value: found?.amount.value ?? 0 };
  });
  const total = bars.reduce((sum, { value }) => sum + value, 0);
  const name = currency.toUpperCase();
  return (
    <div>
      <h3 className="chart-name">
        {name}, <span className="number">{formatMoney({ value: total, currency })}</span>{' '}
        {`in ${data.length} days`}
      </h3>
      <Bars
        label={`Revenue in ${name}`}
        bars={bars}
        format={(value) => formatMoney({ value, currency })}
        formatAxis={(value) => formatMoneyShort({ value, currency })}
      />
    </div>
  );
}
