import type Stripe from 'stripe';
import type { Realm } from '../../realm.ts';
import type { Call, Resource } from '../../server/call.ts';
import { noSuch } from '../../server/errors.ts';
import { pageOf } from '../../server/v2-page.ts';
import type { StripeObject } from '../../store/store.ts';
import { reachConnected, refusePersonal } from '../access.ts';
import { aboutAccount } from '../about.ts';
import type { PersonHidden } from '../dossier.ts';
import { addPerson, updatePerson } from '../persons.ts';
import { reassess } from '../reassess.ts';
import { personParams, shownPerson } from './people.ts';
import { spendV2Token } from './tokens.ts';

/** docs.stripe.com/api/v2/core/persons */
export const v2Persons: Resource = {
  routes: {
    'GET /v2/core/accounts/{}/persons': (call) => {
      const { id } = allowed(call);
      const { platform } = call.realm;
      const rows = platform.engine.store.table(platform, 'person').where('account', id);
      return pageOf(call, rows.toReversed(), (row) => shown(call.realm, row.id));
    },
    'POST /v2/core/accounts/{}/persons': create,
    'GET /v2/core/accounts/{}/persons/{}': (call) => shown(call.realm, personOf(call).id),
    'POST /v2/core/accounts/{}/persons/{}': update,
    'DELETE /v2/core/accounts/{}/persons/{}': remove,
  },
};

function create(call: Call): StripeObject {
  const { realm } = call;
  const { id: account } = allowed(call);
  const person = addPerson(realm, account, paramsOf(call));
  announce(call, person.id, 'created');
  reassess(realm, account);
  return shown(realm, person.id);
}

function update(call: Call): StripeObject {
  const person = personOf(call);
  updatePerson(call.realm, person, paramsOf(call));
  announce(call, person.id, 'updated');
  reassess(call.realm, person.account);
  return shown(call.realm, person.id);
}

function remove(call: Call): StripeObject {
  const { platform } = call.realm;
  const person = personOf(call);
  platform.remove('person', person.id);
  aboutAccount(platform, person.account, 'person.deleted', person);
  announce(call, person.id, 'deleted');
  reassess(platform, person.account);
  return { id: person.id, object: 'v2.core.account_person' };
}

function paramsOf({ realm, params }: Call): Record<string, unknown> {
  return personParams(spendV2Token(realm, params, 'person_token'));
}

function allowed(call: Call): Stripe.Account {
  const { account, dossier } = reachConnected(call);
  refusePersonal(account, dossier);
  return account;
}

function personOf(call: Call): Stripe.Person {
  const { id: account } = allowed(call);
  const person = call.realm.platform.get('person', call.ids[1]);
  if (person?.account !== account) throw noSuch('person', call.ids[1] ?? '', 'id', 404);
  return person;
}

function shown({ platform }: Realm, id: string): StripeObject {
  const row = platform.row('person', id);
  const person = platform.need('person', id);
  return { ...shownPerson(person, row?.hidden as unknown as PersonHidden), livemode: platform.livemode };
}

function announce({ realm: { platform }, ids }: Call, person: string, what: string): void {
  const [account = ''] = ids;
  platform.engine.announceThin(platform, {
    type: `v2.core.account_person.${what}`,
    data: { account_id: account },
    related_object: {
      id: person,
      type: 'v2.core.account_person',
      url: `/v2/core/accounts/${account}/persons/${person}`,
    },
  });
}
