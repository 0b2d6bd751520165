import { appOf, appSecret } from '../connect/apps/app.ts';
import { openDispute } from '../payments/aftermath.ts';
import type { TestCard } from '../payments/test-cards.ts';
import { Realm } from '../realm.ts';
import type { Row } from '../store/store.ts';
import { ControlError, numberIn, textIn, type Control } from './control-call.ts';
import { APP_ROUTES } from './apps.ts';
import { listAccounts, onboard, payOut, restrictAccount } from './accounts.ts';
import { createEndpoint, listEndpoints, rollSecret } from './endpoints.ts';
import { addFault, seedFaults } from './fault-input.ts';
import { findObject, limitOf, listObjects } from './objects.ts';
import { describeEvent, latestEvents, resendEvent } from './events.ts';

export interface ControlRoute {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/_sim/api/`; `{}` stands for an id. */
  path: string;
  run: (control: Control) => unknown;
}

const ADVANCE_SECONDS_MAX = 10 * 366 * 24 * 3600;

/** Everything that the control API can do. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  { method: 'GET', path: '', run: describe },
  {
    method: 'GET',
    path: 'requests',
    run: ({ requests, query }) => ({ data: requests.list(limitOf(query)) }),
  },
  { method: 'GET', path: 'requests/{}', run: findRequest },
  { method: 'GET', path: 'objects', run: (control) => ({ data: listObjects(control).map(shown) }) },
  { method: 'GET', path: 'objects/{}', run: (control) => shown(findObject(control, control.ids[0] ?? '')) },
  {
    method: 'GET',
    path: 'events',
    run: (control) => ({ data: latestEvents(control, limitOf(control.query)) }),
  },
  { method: 'GET', path: 'events/{}', run: (control) => describeEvent(control, control.ids[0] ?? '') },
  { method: 'POST', path: 'events/{}/resend', run: resendEvent },
  { method: 'GET', path: 'webhook_endpoints', run: (control) => ({ data: listEndpoints(control) }) },
  { method: 'POST', path: 'webhook_endpoints', run: createEndpoint },
  { method: 'POST', path: 'webhook_endpoints/{}/roll_secret', run: rollSecret },
  { method: 'GET', path: 'clock', run: ({ engine }) => clockNow(engine) },
  { method: 'POST', path: 'clock', run: advance },
  { method: 'POST', path: 'settle', run: settle },
  { method: 'GET', path: 'faults', run: ({ engine }) => ({ data: engine.faults.list() }) },
  { method: 'POST', path: 'faults', run: addFault },
  { method: 'POST', path: 'faults/seed', run: seedFaults },
  { method: 'DELETE', path: 'faults', run: removeFault },
  { method: 'DELETE', path: 'faults/{}', run: removeFault },
  { method: 'POST', path: 'charges/{}/dispute', run: dispute },
  { method: 'GET', path: 'accounts', run: ({ engine }) => ({ data: listAccounts(engine) }) },
  { method: 'POST', path: 'accounts/{}/onboard', run: onboard },
  { method: 'POST', path: 'accounts/{}/restrict', run: restrictAccount },
  { method: 'POST', path: 'accounts/{}/payout', run: payOut },
  ...APP_ROUTES,
  { method: 'POST', path: 'reset', run: reset },
  { method: 'GET', path: 'export', run: ({ engine }) => ({ data: [...engine.store.rows()].map(shown) }) },
];

function describe({ engine }: Control): unknown {
  const { settings, store } = engine;
  const { app: _asStarted, ...shownSettings } = settings;
  return {
    ...shownSettings,
    app: appOf(engine).id,
    appSecret: appSecret(engine),
    ...clockNow(engine),
    objects: store.size,
    faults: engine.faults.list().length,
  };
}

function clockNow({ clock }: Control['engine']): { now: string; offset_seconds: number } {
  return { now: new Date(clock.now()).toISOString(), offset_seconds: clock.offset / 1000 };
}

async function advance({ engine, timekeeper, body }: Control): Promise<unknown> {
  const seconds = numberIn(body, 'advance_seconds');
  if (seconds < 0 || seconds > ADVANCE_SECONDS_MAX)
    throw new ControlError(400, 'invalid_body', 'Time moves forward, by ten years at most.');
  await timekeeper.advance(seconds);
  return clockNow(engine);
}

async function settle({ deliveries, engine }: Control): Promise<unknown> {
  await deliveries.settled();
  return clockNow(engine);
}

async function reset({ timekeeper, requests, engine }: Control): Promise<unknown> {
  await timekeeper.reset();
  requests.clear();
  return { objects: engine.store.size };
}

function removeFault({ engine, ids }: Control): unknown {
  engine.faults.clear(ids[0]);
  return { data: engine.faults.list() };
}

/** Opens a dispute about any charge or a part of it, with or without a test card. */
function dispute({ engine, ids, body }: Control): unknown {
  const why = (textIn(body, 'reason') ?? 'fraudulent') as NonNullable<TestCard['dispute']>;
  if (!['fraudulent', 'product_not_received', 'inquiry'].includes(why))
    throw new ControlError(400, 'invalid_body', '"reason" is fraudulent, product_not_received or inquiry.');
  const row = findObject({ engine }, ids[0] ?? '');
  const realm = new Realm(engine, row, null);
  const charge = realm.need('charge', row.id);
  const amount = numberIn(body, 'amount', charge.amount);
  if (!Number.isInteger(amount) || amount < 1 || amount > charge.amount)
    throw new ControlError(400, 'invalid_body', `"amount" is from 1 to ${charge.amount}, in minor units.`);
  return engine.store.transaction(() => openDispute(realm, charge, why, amount));
}

function findRequest({ requests, ids }: Control): unknown {
  const found = requests.find(ids[0] ?? '');
  if (found) return found;
  throw new ControlError(404, 'not_found', `No request ${ids[0]} is remembered: only the latest are.`);
}

function shown({ account, livemode, kind, id, object }: Row): unknown {
  return { account, livemode, kind, id, object };
}
