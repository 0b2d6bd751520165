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
  const missing = 'no webhook secret is configured: set STRIPE_WEBHOOK_SECRET';
  const secrets = settings.stripeWebhookSecret.length + settings.stripeThinWebhookSecret.length;
  const away = await databases.requests.ping().then(() => null, describeError);
  return {
    database: say(trouble ?? away),
    storage: say(receiver.failure),
    webhook: say(secrets === 0 ? missing : null),
    clock: say(watch.clockTrouble()),
  };
}
