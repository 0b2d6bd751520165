import { Webhook } from 'standardwebhooks';
import { underAny } from '../outbound/abort.ts';
import type { Clock } from '../clock.ts';
import { describeError, QuittanceError } from '../errors.ts';
import { Outbound } from '../outbound/outbound.ts';
import type { Attempt, DueDelivery, SinkDelivery } from './delivery.ts';
import type { DeliverFunction, Sink, SinkPost } from './settings.ts';

const POST_MS_MAX = 15_000;
const DELIVER_MS_MAX = 30_000;
const ERROR_CHARACTERS_MAX = 500;
// Of these the receiver says itself that it will be all right later.
const AWAY_STATUSES: readonly number[] = [408, 425, 429];
const GONE = 410;

/** Makes one attempt. Throws only when `stopping` is aborted. */
export type Send = (delivery: DueDelivery, stopping: AbortSignal) => Promise<Attempt>;

/** How a sink's deliveries are sent, and what lets go of its connections. */
export function senderOf(sink: Sink, clock: Clock): { send: Send; close: () => Promise<void> } {
  if (sink.post) return poster(sink.post, clock);
  const { deliver } = sink as { deliver: DeliverFunction };
  return { send: (delivery, stopping) => hand(deliver, delivery, stopping), close: async () => {} };
}

function poster(post: SinkPost, clock: Clock): { send: Send; close: () => Promise<void> } {
  const { url, secrets, allowPrivateNetwork } = post;
  const outbound = new Outbound({ timeoutMs: POST_MS_MAX, allowPrivateNetwork });
  const signers = secrets.map((secret) => new Webhook(secret));
  const send: Send = async (delivery, stopping) => {
    const body = bodyOf(delivery);
    const now = new Date(clock.now());
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Quittance',
      'webhook-id': delivery.id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': signers.map((signer) => signer.sign(delivery.id, now, body)).join(' '),
    };
    try {
      const { status } = await outbound.fetch(url, { method: 'POST', headers, body, signal: stopping });
      return attemptOf(status);
    } catch (error) {
      stopping.throwIfAborted();
      return { kind: 'away', status: null, error: wordsOf(error) };
    }
  };
  return { send, close: () => outbound.close() };
}

// Put together as text: the event stays as Stripe wrote it, to the last digit of a number.
function bodyOf(delivery: DueDelivery): string {
  const [type, timestamp] = [JSON.stringify(delivery.type), JSON.stringify(timestampOf(delivery))];
  return `{"type":${type},"timestamp":${timestamp},"data":${delivery.body.toString('utf8')}}`;
}

function attemptOf(status: number): Attempt {
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  if (status === GONE) return { kind: 'gone', status, error: 'answered 410: it is gone for good' };
  const away = status >= 500 || AWAY_STATUSES.includes(status);
  const redirect = status >= 300 && status < 400 ? ', a redirect, which is not followed' : '';
  return { kind: away ? 'away' : 'refused', status, error: `answered ${status}${redirect}` };
}

async function hand(deliver: DeliverFunction, due: DueDelivery, stopping: AbortSignal): Promise<Attempt> {
  const late = AbortSignal.timeout(DELIVER_MS_MAX);
  try {
    await underAny([stopping, late], async (signal) => {
      const delivery = deliveryOf(due, signal);
      await Promise.race([(async () => deliver(delivery))(), aborted(signal)]);
    });
    return { kind: 'delivered', status: null };
  } catch (error) {
    stopping.throwIfAborted();
    const words = late.aborted ? `it took longer than ${DELIVER_MS_MAX / 1000} s` : wordsOf(error);
    return { kind: 'away', status: null, error: words };
  }
}

function deliveryOf(due: DueDelivery, signal: AbortSignal): SinkDelivery {
  return {
    id: due.id,
    type: due.type,
    timestamp: timestampOf(due),
    account: due.account === '' ? null : due.account,
    livemode: due.livemode,
    event: JSON.parse(due.body.toString('utf8')) as Record<string, unknown>,
    attempt: due.attempts + 1,
    signal,
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

function timestampOf({ created, received_at }: DueDelivery): string {
  return (created ?? received_at).toISOString();
}

// Our own errors name no path, query or secret of the address.
function wordsOf(error: unknown): string {
  const words = error instanceof QuittanceError ? `${error.code}: ${error.message}` : describeError(error);
  return words.slice(0, ERROR_CHARACTERS_MAX);
}
