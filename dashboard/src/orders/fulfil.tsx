import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import type { Order } from './order-facts.tsx';

/** Fulfils what is paid, or once more what is fulfilled. */
export function Fulfil({ order: { id, status } }: { order: Order }) {
  const again = status === 'fulfilled';
  const fulfil = useAction('fulfilOrder', { quiet: true, done: 'The order is fulfilled.' });
  return (
    <ConfirmButton
      label={again ? 'Fulfil again' : 'Fulfil now'}
      title={again ? 'Fulfil this order once more?' : 'Fulfil this order now?'}
      isDangerous={again}
      isBusy={fulfil.isPending}
      problem={fulfil.error}
      onConfirm={(close) => fulfil.mutate({ params: { id }, body: { again } }, { onSuccess: close })}
    >
      {again
        ? 'It was fulfilled already. All that your shop does for a paid order is done a second time: goods ' +
          'are sent, access is given, mail goes out.'
        : 'Stripe is asked whether it is paid, and your shop does what it does for a paid order.'}
    </ConfirmButton>
  );
}
