import type Stripe from 'stripe';
import { planPayout } from '../money/schedule.ts';
import type { Realm } from '../realm.ts';
import { differences, isHash } from '../server/hashes.ts';
import type { StripeObject } from '../store/store.ts';
import { aboutAccount } from './about.ts';
import { assess, type Assessment, type File } from './assess.ts';
import { capabilityObject } from './capability-object.ts';
import type { Dossier, PersonHidden } from './dossier.ts';
import { payeesOf } from './payees.ts';
import { prefixOf } from './required.ts';
import { isAskedLater, shownOf, standingOf, type Standing } from './standing.ts';
import { announceV2 } from './v2-events.ts';

type Account = Stripe.Account;

/** Everything that is on file about an account. */
export function fileOf(realm: Realm, id: string): File | undefined {
  const { platform } = realm;
  const row = platform.row('account', id);
  if (!row?.hidden) return undefined;
  const rows = platform.engine.store.table(platform, 'person').where('account', id);
  return {
    account: row.object as unknown as Account,
    dossier: row.hidden as unknown as Dossier,
    persons: rows.map(({ object, hidden }) => ({
      person: object as unknown as Stripe.Person,
      hidden: hidden as unknown as PersonHidden,
    })),
    payees: payeesOf(platform, id),
    livemode: platform.livemode,
    now: platform.now,
  };
}

interface Change {
  /** The account as it was before what happened; without it, as it is stored. */
  before?: Account;
  /** It has just been made, which is no update. */
  fresh?: boolean;
}

/**
 * Looks at an account again after something about it changed, writes down what follows, and announces it:
 * people
 * first, then capabilities, then the account.
 */
export function reassess(realm: Realm, id: string, change: Change = {}): void {
  const { platform } = realm;
  const file = resolveBlocks(platform, fileOf(platform, id));
  if (!file || file.dossier.gone) return;
  const found = assess(file);
  const standing = standingOf(file, found);
  if (found.recheckIn !== null) platform.later('account.check', id, found.recheckIn);
  const old = change.before ?? file.account;
  savePersons(platform, file, found, standing);
  const fresh = fileOf(platform, id) ?? file;
  const account = { ...file.account, ...derived(fresh, standing), ...completed(file, found) };
  const submitted = account.details_submitted;
  const dossier: Partial<Dossier> = {
    addressRank: found.addressRank,
    listedSince: found.listedSince,
    rejected: standing.rejected,
    submitted,
    taxCheck: found.checks.tax,
  };
  platform.change('account', id, account, { ...dossier });
  announce(platform, old, account, { file: fresh, isNew: change.fresh === true });
  if (account.payouts_enabled && !old.payouts_enabled) planPayout(platform.as(id), platform.now);
}

/** The parts of an account that are worked out from other things. */
function derived(file: File, standing: Standing): Partial<Account> {
  const { account, dossier, payees, persons } = file;
  const shown = account.business_type === 'individual' && !isHidden(account, dossier);
  const { capabilities, charges_enabled, payouts_enabled, requirements } = standing;
  const { external_accounts } = account;
  return {
    capabilities: Object.fromEntries(Object.entries(capabilities).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    charges_enabled,
    payouts_enabled,
    requirements,
    external_accounts: {
      ...external_accounts,
      data: payees.toReversed(),
      total_count: payees.length,
    } as unknown as NonNullable<Account['external_accounts']>,
    ...(shown && persons[0] && { individual: persons[0].person }),
  };
}

/** Once Stripe collects what is personal, the platform no longer sees it. */
export function isHidden(account: Account, dossier: Dossier): boolean {
  return dossier.linked && account.controller?.requirement_collection === 'stripe';
}

/** An account that the platform fills in itself is complete once nothing is missing. */
function completed({ account, dossier }: File, found: Assessment): { details_submitted: boolean } {
  const missing = found.due.some(({ code, blocks }) => code === undefined && blocks !== 'payouts');
  const byPlatform = account.controller?.requirement_collection === 'application';
  const asked = Object.keys(dossier.requested).length > 0;
  return { details_submitted: dossier.submitted || (byPlatform && asked && !missing) };
}

function savePersons(platform: Realm, file: File, found: Assessment, standing: Standing): void {
  for (const { person, hidden } of file.persons) {
    const prefix = `${prefixOf(file.account, person)}.`;
    const own = (list: Assessment['due']): Assessment['due'] =>
      list
        .filter((each) => each.person === person.id)
        .map((each) => ({ ...each, field: each.field.slice(prefix.length) }));
    const mine = { due: own(found.due), eventual: own(found.eventual), pending: own(found.pending) };
    const overdue = standing.requirements.past_due ?? [];
    const requirements = shownOf(
      mine,
      mine.due.filter(({ field }) => overdue.includes(`${prefix}${field}`)),
    );
    const check = found.checks.persons.get(person.id) ?? null;
    const status =
      check === null || found.failed.has(person.id)
        ? 'unverified'
        : mine.pending.length > 0
          ? 'pending'
          : 'verified';
    const after = {
      ...person,
      requirements: requirements as Stripe.Person.Requirements,
      verification: { ...person.verification, status },
    };
    if (JSON.stringify(after) === JSON.stringify(person)) {
      if (check !== hidden.check) platform.conceal('person', person.id, { check });
      continue;
    }
    platform.change('person', person.id, after, { check });
    const previous = differences(asObject(person), asObject(after));
    // A person that was made or changed in this request has been announced with that.
    if (status !== person.verification?.status && check !== null)
      aboutAccount(platform, file.account.id, 'person.updated', after, previous);
  }
}

function announce(platform: Realm, old: Account, account: Account, at: { file: File; isNew: boolean }): void {
  const before = old.capabilities ?? {};
  for (const [name, status] of Object.entries(account.capabilities ?? {}))
    if (before[name as keyof typeof before] !== status) {
      const capability = capabilityObject(at.file, account, name);
      const previous = { status: before[name as keyof typeof before] ?? 'unrequested' };
      aboutAccount(platform, account.id, 'capability.updated', capability, previous);
    }
  const changed = { ...differences(asObject(old), asObject(account)) };
  // Other objects say null for a key that is new; recorded accounts leave it out.
  if (isHash(changed['metadata']))
    changed['metadata'] = Object.fromEntries(
      Object.entries(changed['metadata']).filter(([, value]) => value !== null),
    );
  if (Object.keys(changed).length > 0 && !at.isNew)
    aboutAccount(platform, account.id, 'account.updated', account, changed);
  announceV2(platform, old, account);
}

/** What a test card blocked is free again once everything that it asked for has been given. */
function resolveBlocks(platform: Realm, file: File | undefined): File | undefined {
  if (!file || file.dossier.demand === 'none' || assess(file).due.some(isAskedLater)) return file;
  const free = { demand: 'none' as const, deadline: null, blocked: { charges: false, payouts: false } };
  platform.conceal('account', file.account.id, free);
  return { ...file, dossier: { ...file.dossier, ...free } };
}

function asObject(object: object): StripeObject {
  return object as StripeObject;
}
