import type { Health } from '../../../generated/contract.d.ts';
import type { Tone } from '../parts/status-badge.tsx';
import { ago } from '../parts/time.tsx';

// An event is done in a second; one that waits for so long waits for somebody.
const WAIT_MS_MAX = 60_000;
// It is compared every five minutes.
const COMPARED_MS_MAX = 20 * 60_000;

/** Something about the pipeline in a sentence, and where it is looked after. */
export interface Finding {
  tone: Tone;
  text: string;
  link?: { path: string; query?: Record<string, string>; label: string };
}

/** How things stand, what is wrong first. */
export function findingsOf(health: Health, now: number): Finding[] {
  const found = [
    ...backlog(health, now),
    ...ended(health),
    ...refused(health),
    ...jobs(health),
    compared(health, now),
  ];
  return found.toSorted((a, b) => RANKS.indexOf(a.tone) - RANKS.indexOf(b.tone));
}

const RANKS: readonly Tone[] = ['bad', 'wait', 'info', 'neutral', 'good'];

function backlog({ events, processes }: Health, now: number): Finding[] {
  const { waiting, retrying, oldest_received_at: oldest } = events;
  const isStuck = oldest !== null && now - Date.parse(oldest) > WAIT_MS_MAX;
  const list = (status: string, label: string): Finding['link'] => ({
    path: '/events',
    query: { status },
    label,
  });
  const again: Finding[] =
    retrying === 0
      ? []
      : [
          {
            tone: 'wait',
            text: `${some(retrying, 'event')} failed and will be tried again without your doing.`,
            link: list('retrying', 'See why'),
          },
        ];
  if (isStuck)
    return [
      {
        tone: 'bad',
        text:
          `${some(waiting, 'event')} wait, the first since ${ago(Date.parse(oldest), now)}. ` +
          `Check that a process that works is running; ${some(processes.length, 'process')} said so lately.`,
        link: list('pending', 'Show them'),
      },
      ...again,
    ];
  const text = waiting === 0 ? 'Nothing waits.' : `${some(waiting, 'event')} in work.`;
  return [{ tone: 'good', text }, ...again];
}

function ended({ events: { dead, quarantined }, counted_max: max }: Health): Finding[] {
  const found: Finding[] = [];
  if (dead > 0)
    found.push({
      tone: 'bad',
      text: `${atLeast(dead, max)} failed for good. Find out why, mend it, then replay.`,
      link: { path: '/events', query: { status: 'dead' }, label: 'Show them' },
    });
  if (quarantined > 0)
    found.push({
      tone: 'info',
      text: `${atLeast(quarantined, max)} put aside: unreadable, of an unknown type or account.`,
      link: { path: '/events', query: { status: 'quarantined' }, label: 'Show them' },
    });
  return found;
}

function refused({ refused: all }: Health): Finding[] {
  return all.map(({ endpoint, reason, count }) => {
    const { tone, text } = REFUSALS[reason] ?? { tone: 'info' as Tone, text: `refused: ${reason}.` };
    const link = { path: '/doctor', label: 'Open the doctor' };
    return { tone, text: `${some(count, 'request')} to ${endpoint} in the last day ${text}`, link };
  });
}

const REFUSALS: Record<string, Pick<Finding, 'tone' | 'text'>> = {
  invalid_signature: {
    tone: 'bad',
    text: 'had a signature that fits no secret. If they were Stripe’s, set the endpoint’s signing secret.',
  },
  missing_signature: { tone: 'info', text: 'had no signature, so they were not Stripe’s.' },
  stale_timestamp: { tone: 'bad', text: 'were signed too long ago. Check the clock of this server.' },
  not_configured: { tone: 'bad', text: 'were refused because no signing secret is set.' },
  body_too_large: { tone: 'bad', text: 'were larger than 1 MiB.' },
  storage_unavailable: {
    tone: 'wait',
    text: 'could not be stored. Stripe sends them again. Check the database.',
  },
  internal_error: { tone: 'bad', text: 'broke something here. The log says what.' },
};

function jobs({ jobs: { failed, retrying } }: Health): Finding[] {
  const found: Finding[] = [];
  if (failed > 0)
    found.push({
      tone: 'bad',
      text: `${some(failed, 'job')} failed for good.`,
      link: { path: '/jobs', query: { state: 'failed' }, label: 'Show them' },
    });
  if (retrying > 0)
    found.push({
      tone: 'wait',
      text: `${some(retrying, 'job')} failed and will be tried again.`,
      link: { path: '/jobs', query: { state: 'retrying' }, label: 'See why' },
    });
  return found;
}

function compared({ reconcile }: Health, now: number): Finding {
  const last = reconcile?.finished_at ?? null;
  if (last === null)
    return {
      tone: 'info',
      text: 'Stripe’s own list of events has not been read yet. A server with a key does that by itself.',
    };
  const when = ago(Date.parse(last), now);
  return now - Date.parse(last) > COMPARED_MS_MAX
    ? {
        tone: 'bad',
        text: `Stripe’s own list of events was last read ${when}: look at the job quittance.reconcile.`,
        link: { path: '/jobs', query: { name: 'quittance.reconcile' }, label: 'Show it' },
      }
    : { tone: 'good', text: `Compared with Stripe’s own list of events ${when}.` };
}

function atLeast(count: number, max: number): string {
  return count >= max ? `${max} events or more` : some(count, 'event');
}

function some(count: number, what: string): string {
  const plural = what.endsWith('s') ? `${what}es` : `${what}s`;
  return `${count} ${count === 1 ? what : plural}`;
}
