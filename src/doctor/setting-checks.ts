import { fail, ok, warn, type Checker, type Finding } from './check.ts';
import type { DoctorParts, DoctorSettings } from './parts.ts';
import { operatorCounts, type OperatorCounts } from './rows.ts';

const SECRET_CHARACTERS_GOOD = 32;
const NODE_MAJOR_MIN = 20;
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** Whether what is configured is as it should be. */
export function settingChecks({ settings, livemode, version, database }: DoctorParts): Checker[] {
  const group = 'Settings' as const;
  return [
    { id: 'version', group, title: 'Quittance and Node.js', run: async () => versionFinding(version) },
    { id: 'public_url', group, title: 'Public address', run: async () => urlFinding(settings, livemode) },
    { id: 'secret', group, title: 'Secret of this server', run: async () => secretFinding(settings) },
    {
      id: 'operators',
      group,
      title: 'Operators',
      run: async () => operatorFinding(settings, await operatorCounts(database.sql)),
    },
    { id: 'metrics_token', group, title: 'Metrics', run: async () => metricsFinding(settings) },
  ];
}

function versionFinding(version: string): Finding {
  const words = `Quittance ${version} on Node.js ${process.versions.node}.`;
  const major = Number(process.versions.node.split('.')[0]);
  return major < NODE_MAJOR_MIN ? fail(words, 'Install Node.js 20.19 or later.') : ok(words);
}

function urlFinding({ publicUrl, stripeApiBase }: DoctorSettings, livemode: boolean): Finding {
  const { protocol, hostname } = new URL(publicUrl);
  const mend = 'Set PUBLIC_URL to the address at which buyers and Stripe reach this server, with https.';
  if (protocol === 'https:') return ok(`${publicUrl}.`);
  if (livemode) return fail(`${publicUrl}: payments of live mode need https.`, mend);
  if (stripeApiBase === undefined && LOOPBACK.test(hostname)) {
    return warn(
      `${publicUrl}: Stripe can’t reach it.`,
      `${mend} While you develop, "stripe listen" brings events.`,
    );
  }
  return LOOPBACK.test(hostname)
    ? ok(`${publicUrl}, on this machine alone.`)
    : warn(`${publicUrl} is not encrypted.`, mend);
}

function secretFinding({ secret }: DoctorSettings): Finding {
  if (secret.length >= SECRET_CHARACTERS_GOOD) return ok('QUITTANCE_SECRET is long enough.');
  const mend =
    'Make a new one (openssl rand -base64 32), and keep the old one in QUITTANCE_SECRET_PREVIOUS a while.';
  return warn(`QUITTANCE_SECRET has ${secret.length} characters.`, mend);
}

function operatorFinding({ oidcIssuer }: DoctorSettings, counts: OperatorCounts): Finding {
  const { admins, others, without_password: without } = counts;
  if (oidcIssuer !== undefined) return ok(`They sign in at ${oidcIssuer}. ${admins + others} have done so.`);
  if (admins === 0) {
    const mend = 'Add one: quittance operators add <address> --role admin; or set QUITTANCE_ADMIN_PASSWORD.';
    return warn(`${others} operators and no admin: nobody can run the console.`, mend);
  }
  const words = `${admins} ${admins === 1 ? 'admin' : 'admins'}, ${others} others.`;
  return ok(without === 0 ? words : `${words} ${without} of them have no password, and come in by a link.`);
}

function metricsFinding({ metricsToken }: DoctorSettings): Finding {
  if (metricsToken) return ok('/metrics asks for QUITTANCE_METRICS_TOKEN.');
  return ok('/metrics is open to everybody who reaches the server. QUITTANCE_METRICS_TOKEN closes it.');
}
