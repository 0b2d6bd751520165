import type { AppJobFunction } from 'quittance';

/** The secret that holds the address of an account's channel. Who knows the address can post there. */
export const SLACK_SECRET = 'slack_webhook';

const ADDRESS_CHARACTERS_MAX = 300;
const TIMEOUT_MS = 10_000;

/** An incoming webhook of Slack; null for any other address, so that nobody makes us call one. */
export function slackAddress(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > ADDRESS_CHARACTERS_MAX) return null;
  const isSlack = /^https:\/\/hooks\.slack\.com\/services\/[\w/]+$/.test(text);
  return isSlack ? text : null;
}

/** Tells an account's channel that there is a note, if it has named one. A throw is tried again. */
export const tellSlack: AppJobFunction = async (payload, { secrets }) => {
  const address = slackAddress(await secrets.get(SLACK_SECRET));
  if (address === null) return;
  const { object } = payload as { object: string };
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: `There is a new note on ${object}.` }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error(`Slack answered ${answer.status}`);
};
