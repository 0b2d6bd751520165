import type { Event } from '../../../generated/contract.d.ts';
import type { Choice } from '../parts/filters.tsx';
import { StatusBadge, type Tone } from '../parts/status-badge.tsx';

type Status = Event['status'];

const STATES: Record<Status, { word: string; tone: Tone }> = {
  pending: { word: 'Waiting', tone: 'info' },
  done: { word: 'Done', tone: 'good' },
  retrying: { word: 'Retrying', tone: 'wait' },
  dead: { word: 'Dead letter', tone: 'bad' },
  quarantined: { word: 'Put aside', tone: 'neutral' },
};

export const STATUS_CHOICES: readonly Choice[] = Object.entries(STATES).map(([value, { word }]) => ({
  value,
  label: word,
}));

/** What became of an event, in a word. */
export function EventStatus({ status }: { status: Status }) {
  const { word, tone } = STATES[status];
  return <StatusBadge tone={tone}>{word}</StatusBadge>;
}

export function toneOf(status: Status): Tone {
  return STATES[status].tone;
}

/** Why an event was put aside, in words. */
const ASIDE: Record<string, string> = {
  unknown_account:
    'It is of an account that nobody here knows. Once the account is connected it runs by itself.',
  unknown_type: 'This version of Quittance does not know its type. Update it, or handle the type yourself.',
  unknown_api_version: 'Its API version is newer than the one that this server knows. Update Quittance.',
  livemode_mismatch: 'It is of the other mode than the key of this server.',
};

const UNREADABLE = 'It is rightly signed, but can not be read as an event. Its bytes are kept below.';

/** What became of an event, and what to do about it. */
export function whatToDo({ status, attempts, last_error: error }: Event): string {
  const times = attempts === 1 ? 'once' : `${attempts} times`;
  switch (status) {
    case 'pending':
      return attempts > 0
        ? 'It is to be run again.'
        : 'It waits for its turn, or behind another event of its object.';
    case 'done':
      return 'Its handlers have run.';
    case 'retrying':
      return `It failed ${times} and will be tried again. When the cause is mended, run it at once.`;
    case 'dead':
      return `It failed ${times} and is given up. Mend the cause, then run it again.`;
    case 'quarantined':
      return ASIDE[error ?? ''] ?? UNREADABLE;
    default:
      return status satisfies never;
  }
}
