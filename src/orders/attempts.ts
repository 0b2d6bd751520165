import { declineOf } from './declines.ts';
import type { StoryLine } from './schemas.ts';
import type { StoryEvent } from './story-rows.ts';

/** The events that say why a payment failed. */
export const FAILED_PAYMENT = 'payment_intent.payment_failed';
export const FAILED_CHARGE = 'charge.failed';

/** An event as it is; or the attempt to pay that it tells of. */
type Told = { event: StoryEvent; charge: null } | { attempt: StoryLine; charge: string | null };

/** What of Stripe's objects says why a payment failed. */
interface Failed {
  amount?: number;
  currency?: string;
  last_payment_error?: {
    code?: string;
    decline_code?: string;
    message?: string;
    charge?: string;
    payment_method?: Method | null;
  } | null;
  failure_code?: string | null;
  failure_message?: string | null;
  outcome?: { reason?: string | null } | null;
  payment_method_details?: Method | null;
}

interface Method {
  type?: string;
  card?: { brand?: string | null; last4?: string | null } | null;
}

/** Finds the failed attempts among events. The intent and the charge both tell of one: it is told once. */
export function attemptsOf(events: readonly StoryEvent[]): Told[] {
  const read = events.map((event) => ({ event, failed: failedOf(event) }));
  const told = new Set(read.flatMap(({ failed }) => failed?.last_payment_error?.charge ?? []));
  return read.map(({ event, failed }) => {
    if (failed === null || (event.type === FAILED_CHARGE && told.has(event.object_id))) {
      return { event, charge: null };
    }
    return { attempt: lineOf(event, failed), charge: failed.last_payment_error?.charge ?? null };
  });
}

// Null for what tells of no attempt, for thin events, and for bodies that went with an account's data.
function failedOf({ body }: StoryEvent): Failed | null {
  if (body === null) return null;
  try {
    const { data } = JSON.parse(body.toString('utf8')) as { data?: { object?: Failed } };
    return data?.object ?? null;
  } catch {
    return null;
  }
}

function lineOf({ id, object_id, received_at }: StoryEvent, failed: Failed): StoryLine {
  const error = failed.last_payment_error;
  const codes = [error?.decline_code, failed.outcome?.reason, error?.code, failed.failure_code];
  const { code, text, advice } = declineOf(codes, error?.message ?? failed.failure_message ?? null);
  const { amount, currency } = failed;
  const method = nameOf(error?.payment_method ?? failed.payment_method_details);
  return {
    at: received_at.toISOString(),
    kind: 'attempt',
    text: `A payment${method} failed`,
    detail: `${text} ${advice} (${code})`,
    tone: 'bad',
    amount: typeof amount === 'number' && typeof currency === 'string' ? { value: amount, currency } : null,
    by: null,
    event: id,
    object: object_id,
  };
}

function nameOf(method: Method | null | undefined): string {
  if (method?.card?.last4) return ` by ${method.card.brand ?? 'card'} ending in ${method.card.last4}`;
  return method?.type ? ` by ${method.type.replaceAll('_', ' ')}` : '';
}
