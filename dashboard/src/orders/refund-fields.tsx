import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { formatMoney, parseMoney } from '../parts/money.tsx';
import type { Order } from './order-facts.tsx';

const REASONS = [
  { value: '', label: 'No reason' },
  { value: 'requested_by_customer', label: 'The buyer asked for it' },
  { value: 'duplicate', label: 'Paid twice' },
  { value: 'fraudulent', label: 'Fraud' },
] as const;

type Reason = (typeof REASONS)[number]['value'];

export interface Fields {
  /** As it was typed; nothing is all that is left. */
  amount: string;
  reason: Reason;
  /** The platform pays, and sellers keep what they have. */
  isAlone: boolean;
}

export const EMPTY: Fields = { amount: '', reason: '', isAlone: false };

/** What is sent. */
export interface RefundBody {
  amount?: number;
  reason?: Exclude<Reason, ''>;
  reverse_transfer?: boolean;
}

/** What the fields ask for; null while the amount is none. */
export function bodyOf({ amount, reason, isAlone }: Fields, order: Order): RefundBody | null {
  const value = amount.trim() === '' ? undefined : parseMoney(amount, order.amount.currency);
  if (value === null || value === 0) return null;
  return {
    ...(value !== undefined && { amount: value }),
    ...(reason !== '' && { reason }),
    ...(isAlone && { reverse_transfer: false }),
  };
}

interface RefundFieldsProps {
  order: Order;
  fields: Fields;
  set: (fields: Fields) => void;
}

export function RefundFields({ order, fields, set }: RefundFieldsProps) {
  const { currency, value } = order.amount;
  const left = formatMoney({ value: value - order.refunded, currency });
  const hasTransfer = order.charge_type === 'destination' || order.charge_type === 'separate';
  return (
    <>
      <TextInput
        label={`Amount in ${currency.toUpperCase()}`}
        description={`Leave it empty to give back all that is left, ${left}.`}
        inputMode="decimal"
        autoComplete="off"
        data-autofocus
        value={fields.amount}
        error={bodyOf(fields, order) === null ? 'Type an amount, for example 3.50' : undefined}
        onChange={({ currentTarget: { value: amount } }) => set({ ...fields, amount })}
      />
      <NativeSelect
        label="Reason"
        data={[...REASONS]}
        value={fields.reason}
        onChange={({ currentTarget: { value: reason } }) => set({ ...fields, reason: reason as Reason })}
      />
      {hasTransfer && (
        <Checkbox
          label="You pay alone"
          description="Sellers keep what they have, and you keep your fee."
          checked={fields.isAlone}
          onChange={({ currentTarget: { checked } }) => set({ ...fields, isAlone: checked })}
        />
      )}
    </>
  );
}
