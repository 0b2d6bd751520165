import type { Answer } from '../api/client.ts';
import { formatMoney } from '../parts/money.tsx';
import { Section } from '../parts/section.tsx';
import { StripeLink } from '../parts/stripe-link.tsx';
import type { Tone } from '../parts/status-badge.tsx';
import { Timeline, type Moment } from '../parts/timeline.tsx';
import { To } from '../parts/to.tsx';
import type { Order } from './order-facts.tsx';

type Whole = Answer<'getOrderTimeline'>;
type Line = Whole['data'][number];

const TONES: Record<Line['tone'], Tone> = { good: 'good', bad: 'bad', waiting: 'wait', neutral: 'neutral' };
// Ids that Stripe's dashboard has a page for; jobs and movements have none there.
const AT_STRIPE = /^(cs|pi|ch|py|tr|dp|du|re|pyr)_/;

/** Everything that happened to an order, from the beginning to now. */
export function Story({ story: { data, truncated }, order }: { story: Whole; order: Order }) {
  return (
    <Section title="What happened">
      <Timeline label="What happened" moments={data.map((line, index) => momentOf(line, index, order))} />
      {truncated && <div className="soft">It has more events than are shown here.</div>}
    </Section>
  );
}

function momentOf(line: Line, index: number, { stripe_account: account }: Order): Moment {
  const { at, kind, text, tone, amount } = line;
  return {
    key: `${index} ${at} ${kind}`,
    at,
    tone: TONES[tone],
    title: amount && kind !== 'created' ? `${text}: ${formatMoney(amount)}` : text,
    detail: <Detail line={line} account={account} />,
  };
}

function Detail({
  line: { detail, by, event, object, kind },
  account,
}: {
  line: Line;
  account: string | null;
}) {
  // Transfers are made on our own account.
  const place = kind === 'movement' ? null : account;
  return (
    <>
      {detail && <div>{detail}</div>}
      {by && <div className="soft">by {by}</div>}
      {event && (
        <To path={`/events/${event}`}>
          <span className="mono">{event}</span>
        </To>
      )}
      {!event && object && AT_STRIPE.test(object) && <StripeLink id={object} account={place} />}
      {kind === 'dispute' && object && <To path={`/disputes/${object}`}> To the dispute</To>}
    </>
  );
}
