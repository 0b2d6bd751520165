import type Stripe from 'stripe';
import { mergeMetadata } from '../contract/metadata.ts';
import type { Call, Resource } from '../server/call.ts';
import { noSuch, refused } from '../server/errors.ts';
import { applyParams } from '../server/generic.ts';
import { differences } from '../server/hashes.ts';
import { listPage } from '../server/list.ts';
import type { StripeObject } from '../store/store.ts';
import { aboutAccount } from './about.ts';
import { reach, reachConnected, refusePersonal } from './access.ts';
import { capabilityObject } from './capability-object.ts';
import { changedRequests } from './fields.ts';
import { addPayee, removePayee } from './payee-add.ts';
import { payeeOf, payeesOf, ownPayees, type Payee } from './payees.ts';
import { addPerson, updatePerson } from './persons.ts';
import { reassess } from './reassess.ts';
import { spendPersonToken } from './tokens.ts';

/** Shown although nobody asked for them. */
const ALWAYS_LISTED = ['card_payments', 'transfers'];

/**
 * The capabilities, people and bank accounts of an account: docs.stripe.com/api/capabilities and its
 * neighbours.
 */
export const accountParts: Resource = {
  routes: {
    'GET /v1/accounts/{}/capabilities': (call) => {
      const { account, dossier } = reachConnected(call);
      const names = [...new Set([...ALWAYS_LISTED, ...Object.keys(dossier.requested)])].toSorted();
      const data = names.map((name) => capabilityObject({ dossier }, account, name));
      return { object: 'list', data, has_more: false, url: call.path };
    },
    'GET /v1/accounts/{}/capabilities/{}': (call) => capability(call),
    'POST /v1/accounts/{}/capabilities/{}': changeCapability,
    'GET /v1/accounts/{}/persons': listPersons,
    'POST /v1/accounts/{}/persons': (call) => {
      const { account, dossier } = reachConnected(call);
      refusePersonal(account, dossier);
      const person = addPerson(call.realm, account.id, spendPersonToken(call.realm, call.params));
      return personAfter(call, person.id);
    },
    'GET /v1/accounts/{}/persons/{}': (call) => asObject(personOf(call)),
    'POST /v1/accounts/{}/persons/{}': (call) => {
      const person = updatePerson(call.realm, personOf(call), spendPersonToken(call.realm, call.params));
      return personAfter(call, person.id);
    },
    'DELETE /v1/accounts/{}/persons/{}': removePerson,
    'GET /v1/accounts/{}/external_accounts': listPayees,
    'POST /v1/accounts/{}/external_accounts': addExternal,
    'GET /v1/accounts/{}/external_accounts/{}': (call) => asObject(payeeIn(call)),
    'POST /v1/accounts/{}/external_accounts/{}': updateExternal,
    'DELETE /v1/accounts/{}/external_accounts/{}': removeExternal,
  },
};

function capability(call: Call): StripeObject {
  const { account, dossier } = reachConnected(call);
  const name = call.ids[1] ?? '';
  const field = call.realm.engine.contract.shapeOf('account')?.get('capabilities');
  const known =
    typeof field?.type === 'object' && 'r' in field.type
      ? call.realm.engine.contract.shape(field.type.r)
      : undefined;
  if (known && !known.has(name)) throw noSuch('capability', name);
  return asObject(capabilityObject({ dossier }, account, name));
}

function changeCapability(call: Call): StripeObject {
  const { realm, params, ids } = call;
  capability(call);
  const { account, dossier } = reachConnected(call);
  const wanted = { [ids[1] ?? '']: { requested: params['requested'] } };
  realm.platform.conceal('account', account.id, { requested: changedRequests(dossier, wanted, realm.now) });
  reassess(realm, account.id);
  return capability(call);
}

function listPersons(call: Call): StripeObject {
  const { realm, params, path } = call;
  const { account, dossier } = reachConnected(call);
  refusePersonal(account, dossier);
  const { platform } = realm;
  const rows = platform.engine.store.table(platform, 'person').where('account', account.id);
  return listPage({ realm: platform, kind: 'person', params, url: path, rows });
}

function personOf(call: Call): Stripe.Person {
  const { account, dossier } = reachConnected(call);
  refusePersonal(account, dossier);
  const id = call.ids[1] ?? '';
  const person = call.realm.platform.get('person', id);
  if (person?.account !== account.id) throw noSuch('person', id, 'person', 404);
  return person;
}

function personAfter({ realm, ids }: Call, id: string): StripeObject {
  reassess(realm, ids[0] ?? '');
  return asObject(realm.platform.need('person', id));
}

function removePerson(call: Call): StripeObject {
  const { platform } = call.realm;
  const person = personOf(call);
  if (person.relationship?.representative === true)
    throw refused('You cannot delete the representative of an account; give another person that role first.');
  platform.remove('person', person.id);
  aboutAccount(platform, person.account, 'person.deleted', person);
  reassess(platform, person.account);
  return { id: person.id, object: 'person', deleted: true };
}

function listPayees(call: Call): StripeObject {
  const { params, path, realm } = call;
  const { account, dossier } = reach(call);
  const kind = params['object'] as string | undefined;
  const all = dossier ? payeesOf(realm, account.id) : ownPayees(realm);
  const data = all.filter(({ object }) => kind === undefined || object === kind).toReversed();
  const limit = Math.min((params['limit'] as number | undefined) ?? 10, 100);
  const from = data.findIndex(({ id }) => id === params['starting_after']) + 1;
  const page = data.slice(from, from + limit);
  return { object: 'list', data: page, has_more: from + limit < data.length, url: path };
}

function addExternal(call: Call): StripeObject {
  const { realm, params } = call;
  const { account } = reachConnected(call);
  const payee = addPayee(realm, account.id, params['external_account'], {
    isDefault: params['default_for_currency'] as boolean | undefined,
    metadata: params['metadata'],
  });
  reassess(realm, account.id);
  return asObject(payee);
}

function payeeIn(call: Call): Payee {
  const { account, dossier } = reach(call);
  const id = call.ids[1] ?? '';
  if (!dossier) ownPayees(call.realm);
  const payee = payeeOf(call.realm, account.id, id);
  if (!payee) throw noSuch('external account', id, 'id', 404);
  return payee;
}

function updateExternal(call: Call): StripeObject {
  const { realm, params } = call;
  const { account } = reachConnected(call);
  const before = payeeIn(call);
  const { platform } = realm;
  const { metadata, default_for_currency: first, documents: _documents, ...rest } = params;
  if (first === true)
    for (const each of payeesOf(platform, account.id))
      if (each.currency === before.currency && each.id !== before.id)
        platform.change(each.object, each.id, { default_for_currency: false });
  const fields = applyParams(asObject(before), {
    ...rest,
    ...(first !== undefined && { default_for_currency: first }),
  });
  const after = { ...fields, metadata: mergeMetadata(before.metadata, metadata) };
  platform.engine.store.put(platform, before.object, before.id, after);
  aboutAccount(
    platform,
    account.id,
    'account.external_account.updated',
    after,
    differences(asObject(before), after),
  );
  reassess(platform, account.id);
  return after;
}

function removeExternal(call: Call): StripeObject {
  const { platform } = call.realm;
  const { account } = reachConnected(call);
  const payee = payeeIn(call);
  if (payee.default_for_currency === true && payee.currency === account.default_currency)
    throw refused(
      'You cannot delete the default external account for your default currency. Please make another ' +
        'external ' +
        'account the default using the `default_for_currency` param, and then delete this one.',
    );
  removePayee(platform, account.id, payee);
  reassess(platform, account.id);
  return { id: payee.id, object: payee.object, currency: payee.currency, deleted: true };
}

function asObject(object: object): StripeObject {
  return object as StripeObject;
}
