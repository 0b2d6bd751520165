import { Group, Modal, Stack, TextInput } from '@mantine/core';
import type { OneTimeLink } from '../../../generated/contract.d.ts';
import { Copy } from '../parts/copy.tsx';
import { Time } from '../parts/time.tsx';

/** The link by which somebody sets their password. It is shown this once. */
export function LinkFor({
  made,
  close,
}: {
  made: { link: OneTimeLink; name: string } | null;
  close: () => void;
}) {
  return (
    <Modal opened={made !== null} onClose={close} title={<strong>A link for {made?.name}</strong>}>
      {made && (
        <Stack>
          <div>
            With it they set their password. It is good once, until <Time at={made.link.expires_at} isExact />
            , and is not shown again. Whoever has it is {made.name} here: send it to nobody else.
          </div>
          <Group gap="xs" wrap="nowrap" align="end">
            <TextInput label="Address" value={made.link.url} readOnly flex={1} />
            <Copy value={made.link.url} what="the address" />
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
