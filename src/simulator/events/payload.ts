import { Realm, type Engine } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { renderEvent } from '../versions/render.ts';
import type { Subscriber } from './subscribers.ts';

/** The exact text that is sent: a snapshot in the endpoint's version, or a thin event without its data. */
export function payloadOf(
  engine: Engine,
  event: StripeObject,
  to: Pick<Subscriber, 'payload' | 'apiVersion'>,
  pending: number,
): string {
  if (to.payload === 'thin') {
    const { data: _data, ...notification } = event;
    return JSON.stringify(notification, null, 2);
  }
  const account = (event['account'] as string | undefined) ?? engine.settings.account;
  const realm = new Realm(engine, { account, livemode: event['livemode'] === true }, null);
  const shown = renderEvent(realm, event, to.apiVersion ?? engine.settings.apiVersion);
  return JSON.stringify({ ...shown, pending_webhooks: pending }, null, 2);
}
