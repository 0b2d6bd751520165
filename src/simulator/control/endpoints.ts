import { DESTINATION, ENDPOINT, asSubscriber } from '../events/subscribers.ts';
import type { SigningSecret } from '../events/sign.ts';
import { Realm } from '../realm.ts';
import { checkUrl, newSecret } from '../resources/webhook-endpoints.ts';
import type { Row } from '../store/store.ts';
import { ControlError, numberIn, textIn, type Control } from './control-call.ts';

/** docs.stripe.com/webhooks: a rolled secret may live on for up to 24 hours. */
const ROLL_SECONDS_MAX = 24 * 3600;

/** Every endpoint and destination with its secrets, as the Dashboard would reveal them. */
export function listEndpoints({ engine }: Control): unknown[] {
  return endpointRows(engine).map((row) => {
    const { id, kind, url, enabled, payload, apiVersion, connect, wanted, secrets, world } =
      asSubscriber(row);
    return {
      id,
      kind,
      ...world,
      url,
      enabled,
      payload,
      api_version: apiVersion,
      connect,
      enabled_events: wanted,
      secrets,
    };
  });
}

/**
 * Makes an endpoint whose secret the caller may choose, so that a server's configuration can stay as it is.
 */
export function createEndpoint({ engine, body }: Control): unknown {
  const url = textIn(body, 'url') ?? '';
  const livemode = body['livemode'] === true;
  checkUrl(url, livemode, 'url');
  const enabled_events = (body['enabled_events'] ?? ['*']) as string[];
  const realm = new Realm(engine, { account: engine.settings.account, livemode }, null);
  const connect = body['connect'] === true;
  const secret = textIn(body, 'secret') ?? newSecret(realm);
  const secrets: SigningSecret[] = [{ secret, expires_at: null }];
  const fields = { url, enabled_events, status: 'enabled', api_version: textIn(body, 'api_version') ?? null };
  const application = connect ? 'ca_simulator' : null;
  return engine.store.transaction(() => {
    const endpoint = realm.insertRaw(ENDPOINT, { ...fields, application }, { secrets, connect });
    return { ...endpoint, secret };
  });
}

/** Gives an endpoint a new secret; the old one keeps signing for `expires_in_seconds`. */
export function rollSecret({ engine, ids, body }: Control): unknown {
  const row = endpointRows(engine).find(({ id }) => id === ids[0]);
  if (!row) throw new ControlError(404, 'not_found', `No webhook endpoint has the id ${ids[0]}.`);
  const seconds = numberIn(body, 'expires_in_seconds', 0);
  if (seconds < 0 || seconds > ROLL_SECONDS_MAX)
    throw new ControlError(400, 'invalid_body', 'An old secret lives on for 24 hours at most.');
  const realm = new Realm(engine, row, null);
  const secret = textIn(body, 'secret') ?? newSecret(realm);
  const before = asSubscriber(row).secrets.filter(({ expires_at }) => expires_at === null);
  const expired = before.map((old) => ({ ...old, expires_at: realm.now + seconds }));
  const secrets = [{ secret, expires_at: null }, ...expired];
  const hidden = { ...row.hidden, secrets };
  engine.store.transaction(() => engine.store.put(row, row.kind, row.id, row.object, hidden));
  return { id: row.id, secret, old_secret_expires_at: realm.now + seconds };
}

function endpointRows({ store }: Control['engine']): Row[] {
  return [ENDPOINT, DESTINATION].flatMap((kind) => [...store.everywhere(kind)]);
}
