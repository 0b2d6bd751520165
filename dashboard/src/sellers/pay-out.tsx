import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Balance } from '../../../generated/contract.d.ts';
import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { formatMoney, parseMoney } from '../parts/money.tsx';

/** Pays a seller out now, all or a part. */
export function PayOut({ id, balances }: { id: string; balances: readonly Balance[] }) {
  const [currency, setCurrency] = useState(balances[0]?.currency ?? '');
  const [typed, setTyped] = useState('');
  // One question is one payout, however often its button is pressed.
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const payOut = useAction('makePayout', {
    done: ({ status }) => (status === 'requested' ? 'Stripe is asked; it goes on by itself.' : 'Paid out.'),
    refreshes: ['getSellerBalance', 'listSellerPayouts'],
    quiet: true,
  });
  const available = balances.find((balance) => balance.currency === currency)?.available ?? 0;
  const amount = typed === '' ? null : parseMoney(typed, currency);
  const isWrong = typed !== '' && amount === null;
  return (
    <ConfirmButton
      label="Pay out"
      title="Pay this seller out?"
      isBusy={payOut.isPending}
      isReady={!isWrong}
      problem={payOut.error}
      onConfirm={(close) => {
        const body = { currency, ...(amount !== null && { amount }) };
        payOut.mutate({ params: { id }, body, idempotencyKey }, { onSuccess: close });
        setKey(payOut.isSuccess || payOut.isError ? crypto.randomUUID() : idempotencyKey);
      }}
    >
      <NativeSelect
        label="Currency"
        value={currency}
        data={balances.map((balance) => ({
          value: balance.currency,
          label: balance.currency.toUpperCase(),
        }))}
        onChange={(event) => setCurrency(event.currentTarget.value)}
      />
      <TextInput
        label="Amount"
        description={`Empty: all that is available, ${formatMoney({ value: available, currency })}`}
        inputMode="decimal"
        value={typed}
        error={isWrong ? `Not an amount in ${currency.toUpperCase()}.` : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
    </ConfirmButton>
  );
}
