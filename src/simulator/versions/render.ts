import type { Realm } from '../realm.ts';
import { merged } from '../server/hashes.ts';
import { differences } from '../server/hashes.ts';
import type { StripeObject } from '../store/store.ts';
import { OLDER_ACCOUNTS } from './older-accounts.ts';
import { OLDER_CHECKOUT } from './older-checkout.ts';
import type { OlderField } from './older-field.ts';
import { OLDER_CREDIT_NOTES, OLDER_INVOICES } from './older-invoices.ts';
import { OLDER_LINES } from './older-lines.ts';
import { OLDER_PAYMENTS } from './older-payments.ts';
import { OLDER_SUBSCRIPTIONS } from './older-subscriptions.ts';

// Objects are stored in their newest form. What Stripe adds it adds to every version, so an older form is the
// newest one with the fields that were taken away since. Customers, payment methods, setup intents
// and refunds have lost none since 2020-08-27.
const OLDER: readonly OlderField[] = [
  ...OLDER_ACCOUNTS,
  ...OLDER_PAYMENTS,
  ...OLDER_INVOICES,
  ...OLDER_CREDIT_NOTES,
  ...OLDER_LINES,
  ...OLDER_SUBSCRIPTIONS,
  ...OLDER_CHECKOUT,
];

const BY_KIND: ReadonlyMap<string, readonly OlderField[]> = new Map(
  OLDER.map(({ kind }) => [kind, OLDER.filter((each) => each.kind === kind)]),
);

/** From this version on nothing looked otherwise than today. */
const NEWEST_CHANGE = OLDER.reduce((newest, { before }) => (before > newest ? before : newest), '');

/** An answer, with all that is inside it, in the form of the version that the request asks for. */
export function render(realm: Realm, answer: StripeObject, version: string): StripeObject {
  if (version >= NEWEST_CHANGE && !holdsEvents(answer)) return answer;
  return shown(realm, answer, version) as StripeObject;
}

/** A snapshot event as it looks in a version; its content never changes, only its form. */
export function renderEvent(realm: Realm, event: StripeObject, version: string): StripeObject {
  if (version >= NEWEST_CHANGE) return { ...event, api_version: version };
  const data = event['data'] as { object: StripeObject; previous_attributes?: StripeObject };
  const object = render(realm, data.object, version);
  const previous =
    data.previous_attributes && previousIn(realm, data.object, data.previous_attributes, version);
  return {
    ...event,
    api_version: version,
    data: previous ? { object, previous_attributes: previous } : { object },
  };
}

/** The field of that name which a kind had in a version, and has no more. */
export function olderField(kind: string, field: string, version: string): OlderField | undefined {
  return BY_KIND.get(kind)?.find((each) => each.field === field && version < each.before);
}

function shown(realm: Realm, value: unknown, version: string): unknown {
  if (Array.isArray(value)) return value.map((item) => shown(realm, item, version));
  if (typeof value !== 'object' || value === null) return value;
  const object = value as StripeObject;
  // Whoever reads an event gets it in the version of the account that it was made for.
  if (object.object === 'event') return renderEvent(realm, object, object['api_version'] as string);
  const form: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(object))
    form[name] = name === 'metadata' ? inner : shown(realm, inner, version);
  for (const older of BY_KIND.get(object.object ?? '') ?? []) {
    // What was expanded is there already.
    if (version >= older.before || (older.field in object && older.replaces !== true)) continue;
    const was = older.was(realm, object);
    if (was !== undefined) form[older.field] = shown(realm, was, version);
  }
  return form;
}

/** What an update replaced: the same fields as today, and those that only older versions have. */
function previousIn(
  realm: Realm,
  object: StripeObject,
  previous: StripeObject,
  version: string,
): StripeObject {
  const changed = differences(
    render(realm, merged(object, previous) as StripeObject, version),
    render(realm, object, version),
  );
  return { ...previous, ...changed };
}

function holdsEvents(answer: StripeObject): boolean {
  const first = answer.object === 'list' ? (answer['data'] as StripeObject[])[0] : answer;
  return first?.object === 'event';
}
