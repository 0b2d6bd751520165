import { CONNECT_ENDPOINT } from '../inbox/known-accounts.ts';
import { fail, ok, warn, worstOf, type Checker, type Finding } from './check.ts';
import { durationOf, type DoctorParts } from './parts.ts';
import { fingerprintOf } from './secret-use.ts';
import { listUses, type UseRow } from './secret-use-rows.ts';

const OWN_PATH = '/api/webhook';
// A secret that is rolled signs beside the new one for a day at most.
const ROLL_SECONDS = 24 * 3600;

interface Slot {
  id: string;
  title: string;
  path: string;
  variable: string;
  secrets: readonly string[];
  isNeeded: boolean;
}

/** Which signing secrets there are, and when each was last found right. Told apart by a fingerprint. */
export function secretChecks({ settings, database, clock }: DoctorParts): Checker[] {
  let asked: Promise<UseRow[]> | undefined;
  const uses = (): Promise<UseRow[]> => (asked ??= listUses(database.sql));
  const { stripeWebhookSecret, stripeThinWebhookSecret, stripeConnectWebhookSecret, app } = settings;
  const isPublicApp = app?.distribution === 'public';
  const slots: Slot[] = [
    {
      id: 'secret_own',
      title: 'Secrets of the endpoint for our account',
      path: OWN_PATH,
      variable: 'STRIPE_WEBHOOK_SECRET',
      secrets: stripeWebhookSecret,
      isNeeded: !isPublicApp,
    },
    {
      id: 'secret_connect',
      title: 'Secrets of the endpoint for connected accounts',
      path: CONNECT_ENDPOINT,
      variable: 'STRIPE_CONNECT_WEBHOOK_SECRET',
      secrets: stripeConnectWebhookSecret,
      isNeeded: isPublicApp,
    },
    {
      id: 'secret_thin',
      title: 'Secrets of the destination of thin events',
      path: OWN_PATH,
      variable: 'STRIPE_THIN_WEBHOOK_SECRET',
      secrets: stripeThinWebhookSecret,
      isNeeded: false,
    },
  ];
  return slots.map((slot) => ({
    id: slot.id,
    group: 'Webhooks' as const,
    title: slot.title,
    run: async () => secretFinding(slot, slot.secrets.length > 0 ? await uses() : [], clock.now()),
  }));
}

function secretFinding({ path, variable, secrets, isNeeded }: Slot, uses: UseRow[], now: number): Finding {
  if (secrets.length === 0) {
    if (!isNeeded) return ok(`None: ${variable} is not set.`);
    return fail(
      `None: ${variable} is not set, so every webhook is refused.`,
      `Set ${variable} to the endpoint’s whsec_….`,
    );
  }
  const known = secrets.map((secret) => {
    const fingerprint = fingerprintOf(secret);
    const use = uses.find((row) => row.endpoint === path && row.fingerprint === fingerprint);
    return { fingerprint, silent: use ? (now - use.last_at.getTime()) / 1_000 : null, uses: use?.uses ?? 0 };
  });
  const freshest = Math.min(...known.map(({ silent }) => silent ?? Number.POSITIVE_INFINITY));
  const words = known.map(({ fingerprint, silent, uses: count }) => {
    if (silent === null) return `${fingerprint}… has never been used`;
    return `${fingerprint}… was last used ${durationOf(silent)} ago, ${count} times in all`;
  });
  // One alone may be of an endpoint that nothing was sent to yet.
  const idle = known.filter(
    ({ silent }) => freshest < ROLL_SECONDS && (silent === null || silent > ROLL_SECONDS),
  );
  return worstOf(
    `${words.join('; ')}.`,
    idle.map(({ fingerprint }) =>
      warn(
        `${fingerprint}… has signed nothing for a day, while another has.`,
        `Remove it from ${variable} when it was rolled; else look which endpoint it belongs to.`,
      ),
    ),
  );
}
