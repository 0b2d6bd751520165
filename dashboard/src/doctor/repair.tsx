import { Group, Modal, Stack, TextInput } from '@mantine/core';
import type { Check, RepairedEndpoint } from '../../../generated/contract.d.ts';
import { useAction } from '../api/hooks.ts';
import { ConfirmButton } from '../parts/confirm.tsx';
import { Copy, Id } from '../parts/copy.tsx';
import { useMay } from '../session/session.ts';

const DONE: Record<RepairedEndpoint['did'], string> = {
  created: '',
  mended: 'The endpoint is mended.',
  nothing: 'The endpoint was right already.',
};

/**
 * Creates or mends an endpoint at Stripe. A new one is handed over with its secret: what has been mended is
 * not shown here for long.
 */
export function Repair({
  endpoint,
  title,
  onMade,
}: {
  endpoint: NonNullable<Check['repair']>;
  title: string;
  onMade: (made: RepairedEndpoint) => void;
}) {
  const isAllowed = useMay('admin');
  const repair = useAction('repairEndpoint', {
    done: ({ did }) => DONE[did],
    onDone: (answer) => {
      if (answer.secret !== null) onMade(answer);
    },
    refreshes: ['getDoctor'],
    quiet: true,
  });
  if (!isAllowed) return null;
  return (
    <ConfirmButton
      label="Create or repair"
      title={`${title}: create or repair it?`}
      isBusy={repair.isPending}
      problem={repair.error}
      onConfirm={(close) => repair.mutate({ body: { endpoint } }, { onSuccess: close })}
    >
      <p>
        When Stripe has one for our address, it is enabled and gets the event types it lacks. When there is
        none, it is created; its secret is shown once, and has to be set here.
      </p>
    </ConfirmButton>
  );
}

/** The secret of a new endpoint. It is shown this once. */
export function NewSecret({ made, close }: { made: RepairedEndpoint | null; close: () => void }) {
  return (
    <Modal
      opened={made !== null}
      onClose={close}
      closeOnClickOutside={false}
      title={<strong>The endpoint is created</strong>}
    >
      {made && (
        <Stack>
          <div>
            <Id value={made.id} /> posts to {made.url}. Put its secret into <code>{made.variable}</code>,
            beside one that is there already with a comma between, and restart the server. Until then what it
            posts is refused, and sent again by Stripe.
          </div>
          <Group gap="xs" wrap="nowrap" align="end">
            <TextInput
              label="Signing secret"
              description="It is not shown again."
              value={made.secret ?? ''}
              readOnly
              flex={1}
              classNames={{ input: 'mono' }}
            />
            <Copy value={made.secret ?? ''} what="the signing secret" />
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
