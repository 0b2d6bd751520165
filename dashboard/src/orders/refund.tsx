import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { formatMoney } from '../parts/money.tsx';
import type { Order } from './order-facts.tsx';
import { bodyOf, EMPTY, RefundFields, type RefundBody } from './refund-fields.tsx';
import { RefundPreview } from './refund-preview.tsx';

/** Gives money back: how much, why, and what that does to whom, before it is done. */
export function Refund({ order }: { order: Order }) {
  // A key for each time it is opened: who clicks twice, or tries again after a lost answer, refunds once.
  const [key, setKey] = useState<string | null>(null);
  const open = (): void => setKey(crypto.randomUUID());
  return (
    <>
      <Button variant="default" onClick={open}>
        Refund
      </Button>
      {key !== null && (
        <RefundDialog key={key} order={order} idempotencyKey={key} close={() => setKey(null)} />
      )}
    </>
  );
}

interface DialogProps {
  order: Order;
  idempotencyKey: string;
  close: () => void;
}

function RefundDialog({ order, idempotencyKey, close }: DialogProps) {
  const [fields, setFields] = useState(EMPTY);
  const [key, setKey] = useState(idempotencyKey);
  const refund = useAction('refundOrder', {
    quiet: true,
    done: ({ status, amount }) =>
      status === 'requested'
        ? 'Stripe has not answered yet; the refund is tried again until it has.'
        : `${formatMoney(amount)} given back.`,
  });
  const { id } = order;
  const body = bodyOf(fields, order);
  const ask = (asked: RefundBody): void =>
    refund.mutate(
      { params: { id }, body: asked, idempotencyKey: key },
      {
        onSuccess: close,
        // What Stripe has refused is over: the same key would be told the same again, whatever was mended.
        onError: ({ extra }) => 'stripe' in extra && setKey(crypto.randomUUID()),
      },
    );
  return (
    <Confirm
      opened
      onClose={close}
      title="Refund this order"
      confirm="Refund"
      isDangerous
      isBusy={refund.isPending}
      isReady={body !== null}
      problem={refund.error}
      onConfirm={() => body && ask(body)}
    >
      <RefundFields order={order} fields={fields} set={setFields} />
      {body && <RefundPreview order={id} body={body} />}
    </Confirm>
  );
}
