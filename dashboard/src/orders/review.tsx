import { Checkbox, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import type { Order } from './order-facts.tsx';

const NOTE_CHARACTERS_MAX = 2_000;

/** A person decides about a payment that is not what was ordered. */
export function Review({ order: { id, problem } }: { order: Order }) {
  const [note, setNote] = useState('');
  const [fulfil, setFulfil] = useState(false);
  const review = useAction('reviewOrder', {
    quiet: true,
    done: ({ status }) =>
      status === 'fulfilled' ? 'The order is reviewed and fulfilled.' : 'The order is reviewed.',
  });
  return (
    <ConfirmButton
      label="Review"
      title="Review this order"
      variant="filled"
      isBusy={review.isPending}
      problem={review.error}
      onConfirm={(close) => review.mutate({ params: { id }, body: { note, fulfil } }, { onSuccess: close })}
    >
      <div>{problem}</div>
      <Textarea
        label="What you found"
        description="It stands in the order’s story with your name."
        required
        autosize
        minRows={2}
        maxLength={NOTE_CHARACTERS_MAX}
        value={note}
        onChange={({ currentTarget: { value } }) => setNote(value)}
      />
      <Checkbox
        label="Take the payment as it is, and fulfil the order"
        description="Sellers get what was ordered for them, also when less was paid."
        checked={fulfil}
        onChange={({ currentTarget: { checked } }) => setFulfil(checked)}
      />
    </ConfirmButton>
  );
}
