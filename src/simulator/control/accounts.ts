import { makeReady, requestUsual } from '../connect/ready.ts';
import { restrict, type Restriction } from '../connect/restrict.ts';
import { pursesOf, sums } from '../money/ledger.ts';
import { payOutAll } from '../money/payouts.ts';
import { Realm, type Engine } from '../realm.ts';
import { ControlError, textIn, type Control } from './control-call.ts';

const RESTRICTIONS: readonly Restriction[] = ['requirements', 'charges', 'payouts'];

/** An account with what it has in each currency. */
export interface AccountView {
  id: string;
  livemode: boolean;
  platform: boolean;
  charges_enabled: boolean;
  payouts_enabled: boolean;
  disabled_reason: string | null;
  currently_due: string[];
  balance: { currency: string; available: number; pending: number }[];
}

/** The platform and every account connected to it, the platform first. */
export function listAccounts(engine: Engine): AccountView[] {
  const platform = engine.settings.account;
  const own = [false, true].map((livemode) => view(new Realm(engine, { account: platform, livemode }, null)));
  const connected = [...engine.store.everywhere('account')].filter(({ id }) => id !== platform);
  const others = connected.map(({ id, livemode, object }) =>
    view(new Realm(engine, { account: id, livemode }, null), object as AccountObject),
  );
  // Live mode is shown once there is money in it; most people never use it here.
  return [...own.filter(({ livemode, balance }) => !livemode || balance.length > 0), ...others];
}

/** Gives every answer that an account still owes, as a person would with test data. */
export function onboard(control: Control): unknown {
  const realm = realmOf(control);
  return realm.engine.store.transaction(() => {
    requestUsual(realm, realm.account);
    return makeReady(realm, realm.account);
  });
}

/** Takes away what an account may do, or asks it for more by a deadline. */
export function restrictAccount(control: Control): unknown {
  const what = RESTRICTIONS.find((known) => known === (textIn(control.body, 'what') ?? 'charges'));
  if (!what) throw new ControlError(400, 'invalid_body', `"what" is one of ${RESTRICTIONS.join(', ')}.`);
  const realm = realmOf(control);
  return realm.engine.store.transaction(() => {
    restrict(realm, realm.account, what);
    return realm.platform.need('account', realm.account);
  });
}

/** Pays out all that an account has available in one currency, as its schedule would. */
export function payOut(control: Control): unknown {
  const { engine, ids, body } = control;
  const own = ids[0] === engine.settings.account;
  const world = { account: engine.settings.account, livemode: body['livemode'] === true };
  const realm = own ? new Realm(engine, world, null) : realmOf(control);
  const currency =
    textIn(body, 'currency') ?? view(realm).balance.find(({ available }) => available > 0)?.currency;
  const payout = engine.store.transaction(() => (currency ? payOutAll(realm, currency) : undefined));
  if (payout) return payout;
  const what = currency === undefined ? 'nothing available' : `nothing available in ${currency}`;
  throw new ControlError(
    409,
    'nothing_to_pay_out',
    `${realm.account} has ${what}, or no bank account to send it to. Card payments become available after ` +
      'two days: move the clock, or pay with 4000 0000 0000 0077.',
  );
}

type AccountObject = Partial<{
  charges_enabled: boolean;
  payouts_enabled: boolean;
  requirements: { disabled_reason: string | null; currently_due: string[] };
}>;

/** The platform itself always works. */
function view(realm: Realm, object?: AccountObject): AccountView {
  const { account: id, livemode, now } = realm;
  return {
    id,
    livemode,
    platform: object === undefined,
    charges_enabled: object?.charges_enabled ?? object === undefined,
    payouts_enabled: object?.payouts_enabled ?? object === undefined,
    disabled_reason: object?.requirements?.disabled_reason ?? null,
    currently_due: object?.requirements?.currently_due ?? [],
    balance: pursesOf(realm).map((purse) => ({ currency: purse.currency, ...sums(purse, now) })),
  };
}

function realmOf({ engine, ids }: Control): Realm {
  const [id = ''] = ids;
  const row = id === engine.settings.account ? undefined : engine.store.find('account', id);
  if (!row) throw new ControlError(404, 'not_found', `No connected account has the id ${id}.`);
  return new Realm(engine, { account: id, livemode: row.livemode }, null);
}
