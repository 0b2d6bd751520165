import type { Delivery } from '../events/deliveries.ts';
import { payloadOf } from '../events/payload.ts';
import { signatureHeader } from '../events/sign.ts';
import type { Engine } from '../realm.ts';
import type { StripeObject } from '../store/store.ts';

/** Which of the two forms of a snapshot: the account's version, or the newest one for `listen --latest`. */
export type Rendering = 'default' | 'latest' | 'thin';

const MARKS = { default: 'd', latest: 'l', thin: 't' } as const;
const WEBHOOK_ID = /^\d+-(wh_\w+)([dlt])$/;

/** The headers of a webhook, which the CLI copies to the request that it makes of it. */
const HEADERS = {
  Accept: '*/*; q=0.5, application/xml',
  'Cache-Control': 'no-cache',
  'Content-Type': 'application/json; charset=utf-8',
  'User-Agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
};

interface Frame {
  engine: Engine;
  event: StripeObject;
  delivery: Delivery;
  rendering: Rendering;
  secret: string;
  pending: number;
}

/** The forms in which a delivery goes out: a snapshot in two, of which the CLI drops the unwanted one. */
export function renderingsOf({ event_kind }: Delivery): Rendering[] {
  return event_kind === 'event' ? ['default', 'latest'] : ['thin'];
}

/** One message to the listener, signed now; the text is what its server gets byte for byte. */
export function frameText({ engine, event, delivery, rendering, secret, pending }: Frame): string {
  const latest = engine.contract.apiVersion;
  const apiVersion = rendering === 'latest' ? latest : null;
  const payload = rendering === 'thin' ? 'thin' : 'snapshot';
  const text = payloadOf(engine, event, { payload, apiVersion }, pending);
  const now = engine.clock.seconds();
  const signature = signatureHeader(Buffer.from(text), [{ secret, expires_at: null }], now);
  const http_headers = { ...HEADERS, 'Stripe-Signature': signature };
  const id = webhookId(delivery, rendering, now);
  if (payload === 'thin')
    return JSON.stringify({ type: 'v2_event', payload: text, http_headers, destination_id: id });
  return JSON.stringify({
    type: 'webhook_event',
    endpoint: { api_version: apiVersion },
    event_payload: text,
    http_headers,
    webhook_conversation_id: `${now}-wc_${delivery.id.replace('wh_', '')}`,
    webhook_id: id,
  });
}

/** Which delivery, in which form, an acknowledgement is about: by its webhook id, else its conversation. */
export function readId(
  webhookId: unknown,
  conversation: unknown,
): { delivery: string; rendering?: Rendering } {
  const [, delivery = '', mark = ''] = WEBHOOK_ID.exec(String(webhookId)) ?? [];
  const [rendering] = Object.entries(MARKS).find(([, letter]) => letter === mark) ?? [];
  if (rendering !== undefined) return { delivery, rendering: rendering as Rendering };
  const [, about = ''] = /^\d+-wc_(\w+)$/.exec(String(conversation)) ?? [];
  return { delivery: `wh_${about}` };
}

function webhookId(delivery: Delivery, rendering: Rendering, now: number): string {
  return `${now}-${delivery.id}${MARKS[rendering]}`;
}
