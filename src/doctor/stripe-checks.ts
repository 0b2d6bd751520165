import { contact, missingPermissions, STRIPE_VERSIONS, type Contact } from '../stripe/probe.ts';
import { fail, ok, unknown, warn, type Checker, type Finding } from './check.ts';
import type { DoctorParts } from './parts.ts';
import { countAccounts } from './rows.ts';

// A signature is good for 300 s, and its age is measured with our clock.
const SKEW_SECONDS_WARN = 5;
const SKEW_SECONDS_FAIL = 120;

const NO_KEY = 'No Stripe key is configured.';

/** Whether the key is right and may do what we need, and whether our clocks agree. */
export function stripeChecks(parts: DoctorParts): Checker[] {
  const { clients, clock, settings } = parts;
  let asked: Promise<Contact> | undefined;
  // One call for three checks.
  const called = (): Promise<Contact> => (asked ??= contact(clients.own(), () => clock.now()));
  const group = 'Stripe';
  const needsKey = (run: () => Promise<Finding>) => async (): Promise<Finding> =>
    settings.stripeSecretKey ? run() : unknown(NO_KEY);
  return [
    { id: 'stripe_key', group, title: 'Secret key', run: async () => keyFinding(parts, called) },
    {
      id: 'stripe_account',
      group,
      title: 'Account',
      run: needsKey(async () => accountFinding(await called())),
    },
    {
      id: 'stripe_permissions',
      group,
      title: 'Permissions of the key',
      run: needsKey(() => permissionFinding(parts)),
    },
    {
      id: 'stripe_clock',
      group,
      title: 'Our clock and Stripe’s',
      run: needsKey(async () => skewFinding(await called())),
    },
    { id: 'stripe_versions', group, title: 'Versions', run: async () => ok(versions()) },
  ];
}

async function keyFinding({ settings }: DoctorParts, called: () => Promise<Contact>): Promise<Finding> {
  const { stripeSecretKey: key } = settings;
  if (!key) {
    return fail(`${NO_KEY} Events are received and stored; nothing can be sold.`, 'Set STRIPE_SECRET_KEY.');
  }
  const [kind, mode] = key.split('_');
  const words = `${kind === 'rk' ? 'A restricted' : 'An unrestricted'} key of ${mode} mode`;
  const { failure, why } = await called();
  if (failure === 'unauthorized') {
    return fail(
      `${words}, which Stripe refuses: ${why}`,
      'Copy the key from the Dashboard, Developers → API keys.',
    );
  }
  if (kind === 'rk' || mode === 'test') return ok(`${words}.`);
  return warn(
    `${words}: who has it may do everything.`,
    'Make a restricted key (rk_live_…) for this server.',
  );
}

function accountFinding({ account, failure, why }: Contact): Finding {
  if (failure === 'unreachable') {
    return fail(
      `Stripe can't be reached: ${why}`,
      'Look at the way out of the network and at status.stripe.com.',
    );
  }
  if (failure) return unknown('Stripe does not take the key.');
  if (!account) return ok('Stripe answers. The key may not read the account itself, which is not needed.');
  return ok(`${account.name ?? 'An account'} (${account.id}).`);
}

async function permissionFinding({ settings, clients, database, livemode }: DoctorParts): Promise<Finding> {
  if (!settings.stripeSecretKey?.startsWith('rk_')) return ok('The key is not restricted: it has all.');
  const sellers = await countAccounts(database.sql, livemode).catch(() => 0);
  const missing = await missingPermissions(clients.own(), sellers > 0);
  if (missing.length === 0)
    return ok('It may read all that we need. What it may write shows only when it is used.');
  const mend = 'Dashboard, Developers → API keys, the key, Edit: give it these permissions.';
  return fail(`Missing: ${missing.join('; ')}.`, mend);
}

function skewFinding({ times }: Contact): Finding {
  if (!times) return unknown('Stripe did not tell its time.');
  // The header has whole seconds, so it is half a second behind on average.
  const seconds = Math.round((times.ourMs - times.stripeMs - 500) / 1_000);
  const words = `Ours is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead'}.`;
  const mend = 'Let the machine follow a time server (chrony, systemd-timesyncd).';
  if (Math.abs(seconds) >= SKEW_SECONDS_FAIL) return fail(`${words} At 300 s webhooks are refused.`, mend);
  return Math.abs(seconds) >= SKEW_SECONDS_WARN ? warn(words, mend) : ok('They agree.');
}

function versions(): string {
  return `stripe ${STRIPE_VERSIONS.library}, written for the API of ${STRIPE_VERSIONS.api}.`;
}
