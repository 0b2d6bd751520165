import { knownEventTypes } from '../events/recognition.ts';
import { CONNECT_ENDPOINT } from '../inbox/known-accounts.ts';
import { STRIPE_VERSIONS } from '../stripe/probe.ts';
import { isSameAddress, listRegistered, missingOf, type RegisteredEndpoint } from '../stripe/registered.ts';
import { fail, ok, unknown, warn, worstOf, type Checker, type EndpointName, type Finding } from './check.ts';
import type { DoctorParts } from './parts.ts';
import { countAccounts } from './rows.ts';

const OWN_PATH = '/api/webhook';
const NAMED_MAX = 8;

/** What is to be at one of our addresses. */
export interface Place {
  name: EndpointName;
  title: string;
  path: string;
  /** The variable that holds its signing secret. */
  variable: string;
}

export const PLACES: Record<EndpointName, Place> = {
  own: { name: 'own', title: 'Endpoint for our account', path: OWN_PATH, variable: 'STRIPE_WEBHOOK_SECRET' },
  connect: {
    name: 'connect',
    title: 'Endpoint for connected accounts',
    path: CONNECT_ENDPOINT,
    variable: 'STRIPE_CONNECT_WEBHOOK_SECRET',
  },
  thin: {
    name: 'thin',
    title: 'Destination of thin events',
    path: OWN_PATH,
    variable: 'STRIPE_THIN_WEBHOOK_SECRET',
  },
};

// Told of the accounts that are connected to ours, never of our own.
const OF_OTHERS = /^(?:account|capability|person)\./;
const OF_SELLERS = /^(?:account|capability|person|payout)\./;
const OF_INSTALLS = /^apps\.install\./;
const OF_V2_ACCOUNTS = /^v2\.core\.account/;

/** The event types that have a handler, or a sink, and come to this place. */
export function neededAt(name: EndpointName, { handlers, settings }: DoctorParts): string[] {
  const known = new Set(knownEventTypes());
  const types = handlers.types().filter((type) => known.has(type));
  const installs = settings.app?.distribution === 'public' ? 'connect' : 'own';
  return types.filter((type) => {
    if (type.startsWith('v2.')) return name === 'thin' && OF_V2_ACCOUNTS.test(type);
    if (type.startsWith('v1.')) return false; // the same as a snapshot event, which is enough
    if (OF_INSTALLS.test(type)) return name === installs;
    return name === 'own' ? !OF_OTHERS.test(type) : name === 'connect' && OF_SELLERS.test(type);
  });
}

/** Whether Stripe posts to each of our addresses what we need. */
export function endpointChecks(parts: DoctorParts): Checker[] {
  const { settings, clients } = parts;
  let asked: Promise<RegisteredEndpoint[]> | undefined;
  const registered = (): Promise<RegisteredEndpoint[]> => (asked ??= listRegistered(clients.own()));
  return Object.values(PLACES).map((place) => ({
    id: `endpoint_${place.name}`,
    group: 'Webhooks',
    title: place.title,
    run: async () => {
      if (!settings.stripeSecretKey) return unknown('No Stripe key is configured.');
      return endpointFinding(place, await registered(), parts);
    },
  }));
}

async function endpointFinding(
  place: Place,
  all: RegisteredEndpoint[],
  parts: DoctorParts,
): Promise<Finding> {
  const { name, path } = place;
  const url = `${parts.settings.publicUrl}${path}`;
  const here = all.filter((each) => each.kind === name && isSameAddress(each.url, url));
  const [first] = here.filter(({ enabled }) => enabled);
  if (!first) return absentFinding(place, { url, disabled: here.length > 0, all }, parts);
  const events = first.events.includes('*') ? 'all events' : `${first.events.length} event types`;
  const needed = neededAt(name, parts);
  const version = name === 'thin' ? '' : `, in ${versionOf(first)}`;
  return worstOf(`${first.id} posts ${events} to ${url}${version}.`, [
    missingFinding(first, needed, name),
    name === 'thin' ? ok('') : versionFinding(first),
    duplicateFinding(here.filter(({ enabled }) => enabled)),
    superfluousFinding(first, needed),
  ]);
}

async function absentFinding(
  { name, path, variable }: Place,
  { url, disabled, all }: { url: string; disabled: boolean; all: RegisteredEndpoint[] },
  parts: DoctorParts,
): Promise<Finding> {
  if (disabled) {
    return { ...fail(`It is disabled: Stripe posts nothing to ${url}.`, 'Enable it.'), repair: name };
  }
  const elsewhere = all.filter((each) => each.kind === name && new URL(each.url).pathname === path);
  const also =
    elsewhere.length > 0 ? ` There is one at ${elsewhere.map((each) => each.url).join(', ')}.` : '';
  const mend = `Create it, put its secret into ${variable} and restart; or set PUBLIC_URL right.`;
  // Without the database it is not known whether there are sellers, and said elsewhere that it is away.
  const sellers = await countAccounts(parts.database.sql, parts.livemode).catch(() => 0);
  const isNeeded = name === 'own' || sellers > 0;
  if (isNeeded) return { ...fail(`Nothing at Stripe posts to ${url}.${also}`, mend), repair: name };
  return { ...ok(`None, and none is needed before there are sellers.${also}`), repair: name };
}

function missingFinding(
  endpoint: RegisteredEndpoint,
  needed: readonly string[],
  repair: EndpointName,
): Finding {
  const missing = missingOf(endpoint, needed);
  if (missing.length === 0) return ok('');
  const found = `${endpoint.id} does not send what is handled here: ${named(missing)}.`;
  return { ...fail(found, 'Add these event types.'), repair };
}

function versionFinding(endpoint: RegisteredEndpoint): Finding {
  if (endpoint.apiVersion === STRIPE_VERSIONS.api) return ok('');
  const { api } = STRIPE_VERSIONS;
  const found = `${endpoint.id} writes events in ${versionOf(endpoint)}, and the library reads ${api}.`;
  const mend =
    'An endpoint keeps its version: create another one with ours, add its secret, and delete this one when ' +
    'the other is used.';
  return warn(found, mend);
}

function duplicateFinding(enabled: readonly RegisteredEndpoint[]): Finding {
  if (enabled.length < 2) return ok('');
  const ids = enabled.map(({ id }) => id).join(' and ');
  const found = `${ids} post to the same address: each event comes more than once.`;
  return warn(found, 'Delete all but one.');
}

function superfluousFinding({ id, events }: RegisteredEndpoint, needed: readonly string[]): Finding {
  const superfluous = events.includes('*') ? [] : events.filter((type) => !needed.includes(type));
  if (superfluous.length === 0) return ok('');
  return warn(
    `${id} also sends what nobody handles: ${named(superfluous)}.`,
    'Remove these event types, or handle them.',
  );
}

function versionOf({ apiVersion }: RegisteredEndpoint): string {
  return apiVersion === null ? 'the version of the account' : `version ${apiVersion}`;
}

function named(types: readonly string[]): string {
  const more = types.length - NAMED_MAX;
  return types.slice(0, NAMED_MAX).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
