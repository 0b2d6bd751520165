/** @jsxImportSource react */
import { useEffect, useState } from 'react';
import type { ExtensionContextValue } from '@stripe/ui-extension-sdk/context';
import { Box, SettingsView, TextField } from '@stripe/ui-extension-sdk/ui';
import { isStaff, wordsFor } from '../backend.ts';
import { useBackend } from '../use-backend.ts';

/** Where an administrator says which Slack channel hears of new notes. */
export default function Settings(context: ExtensionContextValue) {
  const backend = useBackend(context);
  const [connected, setConnected] = useState<boolean | null>(null);
  const [status, setStatus] = useState('');
  useEffect(() => {
    let gone = false;
    backend.isSlackConnected().then(
      (is) => !gone && setConnected(is),
      (error: unknown) => !gone && setStatus(wordsFor(error)),
    );
    return () => {
      gone = true;
    };
  }, [backend]);
  const save = async (values: Record<string, string>): Promise<void> => {
    setStatus('Saving …');
    try {
      setConnected(await backend.connectSlack((values['slack'] ?? '').trim()));
      setStatus('Saved');
    } catch (error) {
      setStatus(wordsFor(error));
    }
  };
  return (
    <SettingsView
      statusMessage={status}
      onSave={isStaff(context) ? (values) => void save(values) : undefined}
    >
      <Box css={{ stack: 'y', rowGap: 'medium' }}>
        <Box>{slackWords(connected)}</Box>
        {isStaff(context) ? (
          <TextField
            name="slack"
            label="Incoming webhook of a Slack channel"
            description="It hears of each new note. Save an empty field to disconnect."
            placeholder="https://hooks.slack.com/services/…"
          />
        ) : (
          <Box>Only administrators may change this.</Box>
        )}
      </Box>
    </SettingsView>
  );
}

function slackWords(connected: boolean | null): string {
  if (connected === null) return 'Asking whether a Slack channel is connected …';
  return connected ? 'A Slack channel is connected.' : 'No Slack channel is connected.';
}
