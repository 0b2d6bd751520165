import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { SigningSecret } from '../events/sign.ts';
import type { Realm } from '../realm.ts';
import type { Call, Resource } from '../server/call.ts';
import { badParameter, refused } from '../server/errors.ts';
import type { StripeObject } from '../store/store.ts';

/** docs.stripe.com/webhooks: "up to 16 webhook endpoints". */
const ENDPOINTS_MAX = 16;
const SECRET_CHARS = 32;
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** docs.stripe.com/api/webhook_endpoints */
export const webhookEndpoints: Resource = {
  routes: {
    'POST /v1/webhook_endpoints': create,
    'POST /v1/webhook_endpoints/{}': update,
    'DELETE /v1/webhook_endpoints/{}': ({ realm, ids }) => {
      const { id } = realm.named('webhook_endpoint', ids[0] ?? '', 'webhook_endpoint');
      realm.remove('webhook_endpoint', id);
      return { id, object: 'webhook_endpoint', deleted: true };
    },
  },
};

/** A fresh signing secret. */
export function newSecret(realm: Realm): string {
  return `whsec_${realm.secret(SECRET_CHARS)}`;
}

/** Refuses what can't be sent to. Unlike Stripe this takes addresses of this machine: it runs there. */
export function checkUrl(url: string, livemode: boolean, param: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw badParameter('Invalid URL: An explicit scheme (such as https) must be provided.', {
      code: 'url_invalid',
      param,
    });
  if (livemode && parsed.protocol === 'http:' && !LOOPBACK.test(parsed.hostname))
    throw badParameter('Invalid URL: URL must be HTTPS in live mode.', { code: 'url_invalid', param });
}

function create({ realm, params }: Call): StripeObject {
  const url = params['url'] as string;
  checkUrl(url, realm.livemode, 'url');
  if (realm.engine.store.table(realm, 'webhook_endpoint').size >= ENDPOINTS_MAX)
    throw refused(`You have reached the maximum of ${ENDPOINTS_MAX} webhook endpoints.`);
  const secret = newSecret(realm);
  const secrets: SigningSecret[] = [{ secret, expires_at: null }];
  const connect = params['connect'] === true;
  const endpoint = realm.insert(
    'webhook_endpoint',
    {
      api_version: (params['api_version'] as string | undefined) ?? null,
      application: connect ? 'ca_simulator' : null,
      description: (params['description'] as string | null | undefined) ?? null,
      enabled_events: params['enabled_events'] as string[],
      metadata: mergeMetadata({}, params['metadata']),
      status: 'enabled',
      url,
    },
    { secrets, connect },
  );
  return { ...(endpoint as unknown as StripeObject), secret };
}

function update({ realm, params, ids }: Call): StripeObject {
  const before = realm.named('webhook_endpoint', ids[0] ?? '', 'webhook_endpoint');
  const { url, enabled_events, disabled, description, metadata } = params;
  if (url !== undefined) checkUrl(url as string, realm.livemode, 'url');
  const after = realm.change('webhook_endpoint', before.id, {
    ...(url !== undefined && { url: url as string }),
    ...(enabled_events !== undefined && {
      enabled_events: enabled_events as Stripe.WebhookEndpoint['enabled_events'],
    }),
    ...(disabled !== undefined && { status: disabled === true ? 'disabled' : 'enabled' }),
    ...(description !== undefined && { description: description as string | null }),
    metadata: mergeMetadata(before.metadata, metadata),
  });
  return after as unknown as StripeObject;
}
