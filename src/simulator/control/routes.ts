import { openDispute } from '../payments/aftermath.ts';
import type { TestCard } from '../payments/test-cards.ts';
import { Realm } from '../realm.ts';
import type { World } from '../store/store.ts';
import { ControlError, numberIn, textIn, type Control } from './control-call.ts';
import { createEndpoint, listEndpoints, rollSecret } from './endpoints.ts';
import { addFault } from './fault-input.ts';
import { describeEvent, latestEvents, resendEvent } from './events.ts';

interface ControlRoute {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/_sim/api/`; `{}` stands for an id. */
  path: string;
  run: (control: Control) => unknown;
}

const LIST_DEFAULT = 100;
const ADVANCE_SECONDS_MAX = 10 * 366 * 24 * 3600;

/** Everything that the control API can do. */
export const CONTROL_ROUTES: readonly ControlRoute[] = [
  { method: 'GET', path: '', run: describe },
  {
    method: 'GET',
    path: 'requests',
    run: ({ requests, query }) => ({ data: requests.list(limitOf(query)) }),
  },
  { method: 'GET', path: 'objects', run: listObjects },
  { method: 'GET', path: 'objects/{}', run: findObject },
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
  { method: 'DELETE', path: 'faults', run: removeFault },
  { method: 'DELETE', path: 'faults/{}', run: removeFault },
  { method: 'POST', path: 'charges/{}/dispute', run: dispute },
  { method: 'POST', path: 'reset', run: reset },
  { method: 'GET', path: 'export', run: ({ engine }) => ({ data: [...engine.store.rows()].map(shown) }) },
];

function describe({ engine }: Control): unknown {
  const { settings, store } = engine;
  return { ...settings, ...clockNow(engine), objects: store.size, faults: engine.faults.list().length };
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

/** Opens a dispute about any charge, with or without a test card. */
function dispute({ engine, ids, body }: Control): unknown {
  const why = (textIn(body, 'reason') ?? 'fraudulent') as NonNullable<TestCard['dispute']>;
  if (!['fraudulent', 'product_not_received', 'inquiry'].includes(why))
    throw new ControlError(400, 'invalid_body', '"reason" is fraudulent, product_not_received or inquiry.');
  const row = rowOf(engine, ids[0] ?? '');
  const realm = new Realm(engine, row, null);
  return engine.store.transaction(() => openDispute(realm, realm.need('charge', row.id), why));
}

function listObjects({ engine, query }: Control): unknown {
  const kind = query.get('kind');
  const rows = [...engine.store.rows()].filter((row) =>
    kind === null ? !row.kind.startsWith('_') : row.kind === kind,
  );
  const latest = rows.toSorted((a, b) => b.seq - a.seq).slice(0, limitOf(query));
  return { data: latest.map(shown) };
}

function findObject({ engine, ids }: Control): unknown {
  return shown(rowOf(engine, ids[0] ?? ''));
}

function rowOf(
  { store }: Control['engine'],
  id: string,
): World & { kind: string; id: string; object: object } {
  for (const row of store.rows()) if (row.id === id) return row;
  throw new ControlError(404, 'not_found', `Nothing has the id ${id}.`);
}

function shown({
  account,
  livemode,
  kind,
  id,
  object,
}: World & { kind: string; id: string; object: object }): unknown {
  return { account, livemode, kind, id, object };
}

function limitOf(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? LIST_DEFAULT);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new ControlError(400, 'invalid_query', '"limit" must be a positive integer.');
}
