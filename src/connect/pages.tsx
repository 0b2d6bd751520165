import { inWords, type Due } from './requirement-words.ts';
import type { SellerRow, SellerStatus } from './seller.ts';

const TEXTS: Record<SellerStatus, { title: string; text: string; look: string }> = {
  not_started: {
    title: 'You have not begun yet',
    text: 'Stripe needs to know who you are before it can pay you. That takes a few minutes.',
    look: 'wait',
  },
  incomplete: {
    title: 'Something is still missing',
    text: 'You can be paid as soon as Stripe has everything below. What you entered so far is kept.',
    look: 'wait',
  },
  under_review: {
    title: 'Stripe is checking what you entered',
    text: 'There is nothing to do for you now. It often takes minutes, sometimes a few days.',
    look: 'wait',
  },
  restricted: {
    title: 'Your account is restricted',
    text: 'Stripe does not let you be paid at the moment.',
    look: 'bad',
  },
  ready: { title: 'You are ready to be paid', text: 'Stripe has everything it needs.', look: 'good' },
  disconnected: {
    title: 'Your account is disconnected',
    text: 'It is closed, or no longer connected to this platform.',
    look: 'bad',
  },
};

// Ready is not for ever: what Stripe asks for by a day takes it away on that day.
const READY_FOR_NOW = {
  ...TEXTS.ready,
  text: 'To stay so, give Stripe what it asks for below.',
  look: 'wait',
};

const BRINGS_ACCOUNT = {
  ...TEXTS.not_started,
  text: 'Connect the Stripe account you have, or make one on the way: then you can be paid.',
};

function tellingOf({ status, mode, requirements }: SellerRow): (typeof TEXTS)['ready'] {
  if (status === 'not_started' && mode === 'oauth') return BRINGS_ACCOUNT;
  const asksFor = requirements.some(({ due }) => due !== 'later');
  return status === 'ready' && asksFor ? READY_FOR_NOW : TEXTS[status];
}

/** Where a seller stands, for the seller: the true state, what is due and by when, and the way on. */
export function StandingView({ seller, goOn, stale }: { seller: SellerRow; goOn: string; stale?: boolean }) {
  const { title, text, look } = tellingOf(seller);
  return (
    <>
      <h1>{title}</h1>
      {stale && (
        <p class="note bad" role="alert">
          Stripe does not answer right now. This is how it was at {moment(seller.checked_at)} (UTC); reload
          the page in a moment.
        </p>
      )}
      <p class={`note ${look}`}>
        {text}
        {seller.status === 'restricted' && seller.reason && <> Stripe’s reason: {reason(seller.reason)}.</>}
      </p>
      <DueList seller={seller} />
      {canGoOn(seller) && (
        <p>
          <a class="button" href={goOn} rel="nofollow">
            {wayWords(seller)}
          </a>
        </p>
      )}
    </>
  );
}

/** What Stripe still wants, the most urgent first. */
export function DueList({ seller }: { seller: Pick<SellerRow, 'requirements' | 'status'> }) {
  const all = inWords(seller.requirements);
  const now = all.filter(({ due }) => due !== 'later');
  const later = all.filter(({ due }) => due === 'later');
  // To Stripe everything is overdue on the day an account is made; nobody who has yet to begin is late.
  const isLate = seller.status === 'restricted';
  return (
    <>
      {now.length > 0 && <DueCard title="What Stripe needs now" dues={now} isLate={isLate} />}
      {later.length > 0 && <DueCard title="What Stripe may ask for later" dues={later} isLate={false} />}
    </>
  );
}

function DueCard({ title, dues, isLate }: { title: string; dues: readonly Due[]; isLate: boolean }) {
  return (
    <section class="card panel">
      <h2>{title}</h2>
      <ul class="dues">
        {dues.map(({ what, due, by, errors }) => (
          <li>
            <span>{what}</span>
            {due === 'past' && isLate && <span class="tag bad">overdue</span>}
            {by !== null && <span class="soft">by {day(by)}</span>}
            {errors.map((error) => (
              <span class="error">{error}</span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

// Who came with an account of their own answers Stripe's questions in Stripe's Dashboard.
function canGoOn({ status, requirements, mode, account }: SellerRow): boolean {
  if (mode === 'oauth') return account === null || status === 'disconnected';
  if (status === 'disconnected') return false;
  return status === 'not_started' || requirements.some(({ due }) => due !== 'later');
}

function wayWords({ mode, status }: SellerRow): string {
  if (mode === 'oauth') return 'Connect your Stripe account';
  return status === 'not_started' ? 'Begin at Stripe' : 'Go on at Stripe';
}

/** `2026-11-21T03:40:00.000Z` as people write a moment. */
export function moment(iso: string): string {
  return new Date(iso).toLocaleString('en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
}

export function day(iso: string): string {
  return new Date(iso).toLocaleDateString('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
}

/** Stripe's words for reasons are words with underscores and dots. */
export function reason(text: string): string {
  return text.replaceAll(/[_.]/g, ' ');
}
