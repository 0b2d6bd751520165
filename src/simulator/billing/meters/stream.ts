import type { Params } from '../../contract/validate.ts';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { StripeError } from '../../server/errors.ts';
import type { StripeObject } from '../../store/store.ts';
import { list, text } from '../params.ts';
import { meterOf, note } from './events.ts';

/** docs.stripe.com/api/v2/billing-meter-stream: a session's token is good for a quarter of an hour. */
const SESSION_SECONDS = 15 * 60;

/** docs.stripe.com/api/v2/billing/meter-event: use in bulk, whose mistakes are told by thin events. */
export const meterStream: Resource = {
  routes: {
    'POST /v2/billing/meter_event_session': openSession,
    'POST /v2/billing/meter_event_stream': stream,
    'POST /v2/billing/meter_events': ({ realm, params }) => {
      const taken = note(realm, unified(params));
      return { ...asV2(realm, taken), object: 'v2.billing.meter_event' };
    },
  },
};

/** The token stands for the key that asked for it; here it is that key. */
function openSession({ realm, caller }: Call): StripeObject {
  return {
    id: `mes_${realm.livemode ? '' : 'test_'}${realm.secret(24)}`,
    object: 'v2.billing.meter_event_session',
    authentication_token: caller.key,
    created: new Date(realm.now * 1000).toISOString(),
    expires_at: new Date((realm.now + SESSION_SECONDS) * 1000).toISOString(),
    livemode: realm.livemode,
  };
}

/** Takes every event that can be taken, and tells of the others. */
function stream({ realm, params }: Call): StripeObject {
  const strangers: Params[] = [];
  const wrong = new Map<string, { code: string; message: string }[]>();
  for (const event of list(params, 'events')) {
    const meter = meterOf(realm, text(event, 'event_name') ?? '');
    if (!meter) strangers.push(event);
    else {
      const complaint = tryTo(() => note(realm, unified(event)));
      if (complaint) wrong.set(meter.id, [...(wrong.get(meter.id) ?? []), complaint]);
    }
  }
  if (strangers.length > 0) tell(realm, 'v1.billing.meter.no_meter_found', strangers.map(missing));
  for (const [id, complaints] of wrong)
    tell(realm, 'v1.billing.meter.error_report_triggered', complaints, id);
  return {};
}

/** Bulk reports give times as text. */
function unified(event: Params): Params {
  const at = text(event, 'timestamp');
  return { ...event, timestamp: at === undefined ? undefined : Math.floor(Date.parse(at) / 1000) };
}

function asV2(realm: Realm, event: StripeObject): StripeObject {
  const iso = (name: string): string => new Date((event[name] as number) * 1000).toISOString();
  return { ...event, created: iso('created'), timestamp: iso('timestamp'), livemode: realm.livemode };
}

function missing(event: Params): { code: string; message: string } {
  return { code: 'no_meter', message: `No meter found for event name ${text(event, 'event_name') ?? ''}.` };
}

function tryTo(work: () => unknown): { code: string; message: string } | undefined {
  try {
    work();
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof StripeError)) throw thrown;
    return { code: thrown.body.code ?? 'meter_event_invalid_value', message: thrown.message };
  }
}

function tell(
  realm: Realm,
  type: string,
  complaints: readonly { code: string; message: string }[],
  meter?: string,
): void {
  const codes = [...new Set(complaints.map(({ code }) => code))];
  const at = new Date(realm.now * 1000).toISOString();
  realm.engine.announceThin(realm, {
    type,
    ...(meter !== undefined && {
      related_object: { id: meter, type: 'billing.meter', url: `/v1/billing/meters/${meter}` },
    }),
    data: {
      developer_message_summary: `Invalid events: ${complaints.length}`,
      reason: {
        error_count: complaints.length,
        error_types: codes.map((code) => ({
          code,
          error_count: complaints.filter((each) => each.code === code).length,
          sample_errors: complaints
            .filter((each) => each.code === code)
            .map(({ message }) => ({ error_message: message })),
        })),
      },
      validation_end: at,
      validation_start: at,
    },
  });
}
