import type { Databases } from './databases.ts';
import { describeError } from './errors.ts';
import type { Readiness } from './http/routes.ts';
import type { Settings } from './options.ts';
import type { Pipeline } from './pipeline.ts';

interface Parts extends Pick<Pipeline, 'receiver' | 'watch'> {
  settings: Settings;
  databases: Databases;
  /** Why the start has not come to its end; null when it has. */
  trouble: string | null;
}

/** What `/readyz` says. */
export async function readinessOf(parts: Parts): Promise<Readiness> {
  const { settings, databases, receiver, watch, trouble } = parts;
  const say = (why: string | null): { ok: boolean; why?: string } =>
    why === null ? { ok: true } : { ok: false, why };
  const away = await databases.requests.ping().then(() => null, describeError);
  return {
    database: say(trouble ?? away),
    storage: say(receiver.failure),
    webhook: say(secretTrouble(settings)),
    clock: say(watch.clockTrouble()),
  };
}

/** What a public app is told comes to the endpoint for connected accounts alone. */
function secretTrouble(settings: Settings): string | null {
  const { stripeWebhookSecret, stripeThinWebhookSecret, stripeConnectWebhookSecret, app } = settings;
  if (stripeWebhookSecret.length + stripeThinWebhookSecret.length > 0) return null;
  if (app?.distribution !== 'public') return 'no webhook secret is configured: set STRIPE_WEBHOOK_SECRET';
  if (stripeConnectWebhookSecret.length > 0) return null;
  return 'no webhook secret is configured: set STRIPE_CONNECT_WEBHOOK_SECRET, to hear of installs';
}
