import type { Params } from '../contract/validate.ts';
import { CLI_SESSION, DESTINATION, ENDPOINT, subscriber, subscribersOf } from '../events/subscribers.ts';
import { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { noSuch } from '../server/errors.ts';
import type { Row, StripeObject } from '../store/store.ts';

/** What `stripe events resend` asks for; Stripe does not document it. */
export const cliResend: Resource = {
  routes: { 'POST /v1/events/{}/retry': resend },
};

/** Sends an event again: to the listeners, or to the one endpoint that is named. */
function resend({ realm, ids, params }: Call): StripeObject {
  const { realm: home, row } = eventOf(realm, ids[0] ?? '', params);
  const named = params['webhook_endpoint'] as string | undefined;
  const kind = row.kind;
  if (named !== undefined) {
    const { account, livemode } = realm;
    const where = [home, { account, livemode }];
    const [to] = where.flatMap((world) =>
      [ENDPOINT, DESTINATION].flatMap((each) => subscriber(realm.engine, world, each, named) ?? []),
    );
    if (!to) throw noSuch('webhook endpoint', named, 'webhook_endpoint', 404);
    home.engine.deliver(home, kind, row.object, to);
    return row.object;
  }
  const payload = kind === 'event' ? 'snapshot' : 'thin';
  const type = String(row.object['type']);
  for (const to of subscribersOf(home, { payload, type, kind: kindOf(row.object) }))
    if (to.kind === CLI_SESSION) home.engine.deliver(home, kind, row.object, to);
  return row.object;
}

/** The event, in the account that is named, the caller's own, or one that is connected to it. */
function eventOf(realm: Realm, id: string, params: Params): { realm: Realm; row: Row } {
  const { engine, livemode, request, account } = realm;
  const named = params['account'] as string | undefined;
  for (const kind of ['event', 'v2.core.event']) {
    const own = realm.row(kind, id);
    if (own && (named === undefined || named === account)) return { realm, row: own };
    const row = engine.store.find(kind, id);
    const mine = account === engine.settings.account && row?.livemode === livemode;
    if (row && mine && (named ?? row.account) === row.account)
      return { realm: new Realm(engine, row, request), row };
  }
  throw noSuch('event', id);
}

/** What an event is about, whole in a snapshot and by name in a thin event. */
function kindOf(event: StripeObject): string {
  const { object } = (event['data'] ?? {}) as { object?: StripeObject };
  return object?.object ?? (event['related_object'] as { type?: string } | undefined)?.type ?? '';
}
