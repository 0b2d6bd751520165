import { Kbd, Modal, Stack, Switch, Table } from '@mantine/core';
import { useSession } from '../session/session.ts';
import { SHORTCUTS } from './shortcuts.ts';

export interface HelpProps {
  opened: boolean;
  close: () => void;
  hasKeys: boolean;
  setKeys: (isOn: boolean) => void;
}

/** What the keys do, and where to read on. */
export function Help({ opened, close, hasKeys, setKeys }: HelpProps) {
  const { version } = useSession();
  return (
    <Modal opened={opened} onClose={close} title={<strong>Help</strong>}>
      <Stack>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Key</Table.Th>
              <Table.Th scope="col">Does</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {SHORTCUTS.map(([key, does]) => (
              <Table.Tr key={key}>
                <Table.Td>
                  <Kbd>{key}</Kbd>
                </Table.Td>
                <Table.Td>{does}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Switch
          label="Keys do this"
          checked={hasKeys}
          onChange={(event) => setKeys(event.currentTarget.checked)}
        />
        <p>
          Everything here is the HTTP API, which has its own pages:{' '}
          <a className="link" href="/docs" target="_blank" rel="noreferrer">
            the API
          </a>
          . A list shows either test or live data, never both; the frame and the word at the top say which.
        </p>
        <p className="soft">Quittance {version}</p>
      </Stack>
    </Modal>
  );
}
