import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import type { Seller } from '../../../generated/contract.d.ts';
import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { Section } from '../parts/section.tsx';
import { useMay } from '../session/session.ts';

/** Ends the connection with a seller. */
export function Disconnect({ seller: { id, account, mode, status } }: { seller: Seller }) {
  const mayEnd = useMay('admin');
  const [isSure, setIsSure] = useState(false);
  const end = useAction('disconnectSeller', { done: 'The seller is disconnected.', quiet: true });
  if (!mayEnd || account === null || status === 'disconnected') return null;
  const isOurs = mode !== 'oauth';
  return (
    <Section
      title="End the connection"
      actions={
        <ConfirmButton
          label={isOurs ? 'Close the account' : 'Disconnect'}
          title={isOurs ? 'Close this account for ever?' : 'Disconnect this seller?'}
          isDangerous
          isBusy={end.isPending}
          isReady={!isOurs || isSure}
          problem={end.error}
          onConfirm={(close) =>
            end.mutate({ params: { id }, body: { close_account: isOurs } }, { onSuccess: close })
          }
        >
          <div>
            {isOurs
              ? 'The platform made this account, so it can only be closed. Nothing brings it back.'
              : 'They keep their account at Stripe, and can come again.'}
          </div>
          {isOurs && (
            <Checkbox
              label="I know that this is for ever"
              checked={isSure}
              onChange={(event) => setIsSure(event.currentTarget.checked)}
            />
          )}
        </ConfirmButton>
      }
    >
      <div className="soft">Nothing can be sold for them afterwards.</div>
    </Section>
  );
}
