import { useDebouncedValue } from '@mantine/hooks';
import { useOperation } from '../api/hooks.ts';
import { Money } from '../parts/money.tsx';
import { KeyValue } from '../parts/section.tsx';
import { Failure, Loading } from '../parts/states.tsx';
import type { RefundBody } from './refund-fields.tsx';

const TYPING_MS = 300;

/** What a refund would do to the buyer, to you and to each seller. */
export function RefundPreview({ order, body }: { order: string; body: RefundBody }) {
  const typed = JSON.stringify(body);
  const [settled] = useDebouncedValue(typed, TYPING_MS);
  const asked = { params: { id: order }, body: JSON.parse(settled) as RefundBody };
  const { data, error, isPlaceholderData } = useOperation('previewRefund', asked);
  // What another amount would do is not shown beside this one.
  if (settled !== typed || isPlaceholderData) return <Loading lines={3} />;
  if (error) return <Failure problem={error} />;
  if (!data) return <Loading lines={3} />;
  const { currency } = data.amount;
  const money = (value: number): React.ReactNode => <Money amount={{ value, currency }} />;
  return (
    <div aria-live="polite">
      <KeyValue
        facts={[
          ['The buyer gets', <Money amount={data.amount} />],
          ['You bear', money(data.platform)],
          ...data.shares.map(({ seller, amount }) => [`${seller} bears`, money(amount)] as const),
          ['Of your fee', data.fee_returned > 0 ? money(data.fee_returned) : null],
          ['Left to refund', <Money amount={data.left} />],
        ]}
      />
      <div className="soft">Stripe keeps its own fees of the payment.</div>
    </div>
  );
}
