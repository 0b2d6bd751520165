import type { Engine } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';
import { render } from '../versions/render.ts';
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
  const version = to.apiVersion ?? engine.settings.apiVersion;
  const shown = { ...eventIn(event, version), pending_webhooks: pending };
  return JSON.stringify(shown, null, 2);
}

/** A snapshot event as it looks in a version; its content never changes, only its form. */
function eventIn(event: StripeObject, version: string): StripeObject {
  const data = event['data'] as { object: StripeObject };
  const object = render(data.object, version);
  return { ...event, api_version: version, data: object === data.object ? data : { ...data, object } };
}
