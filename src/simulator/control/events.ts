import type { Delivery } from '../events/deliveries.ts';
import type { Row, StripeObject, World } from '../store/store.ts';
import { ControlError, textIn, type Control } from './control-call.ts';
import { latestRows } from './objects.ts';

/** Snapshots and thin events. */
const EVENTS: ReadonlySet<string> = new Set(['event', 'v2.core.event']);

/** An event with what became of it at each endpoint. */
export interface EventView extends World {
  event: StripeObject;
  deliveries: Delivery[];
}

/** The latest events of all accounts and modes, newest first, each with what became of its deliveries. */
export function latestEvents(control: Control, limit: number): EventView[] {
  const latest = latestRows(control.engine.store, (kind) => EVENTS.has(kind), limit);
  return latest.map((row) => withDeliveries(control, row));
}

/** One event with its payload and its deliveries. */
export function describeEvent(control: Control, id: string): EventView {
  return withDeliveries(control, eventRow(control, id));
}

/** Sends an event again, to all its endpoints or to one, as the Dashboard's "Resend" does. */
export async function resendEvent(control: Control): Promise<EventView> {
  const { deliveries, ids, body } = control;
  const row = eventRow(control, ids[0] ?? '');
  const endpoint = textIn(body, 'endpoint');
  const chosen = deliveriesOf(control, row).filter(
    (each) => endpoint === undefined || each.endpoint === endpoint,
  );
  if (chosen.length === 0) throw new ControlError(404, 'not_found', 'No endpoint was ever sent this event.');
  for (const { id } of chosen) deliveries.resend(row, id);
  await deliveries.settled();
  return withDeliveries(control, row);
}

function withDeliveries(control: Control, row: Row): EventView {
  const { account, livemode, object } = row;
  return { account, livemode, event: object, deliveries: deliveriesOf(control, row) };
}

function deliveriesOf({ deliveries }: Control, row: World & { id: string }): Delivery[] {
  return deliveries.ofEvent(row, row.id);
}

function eventRow({ engine }: Control, id: string): Row {
  for (const kind of EVENTS) {
    const row = engine.store.find(kind, id);
    if (row) return row;
  }
  throw new ControlError(404, 'not_found', `No event has the id ${id}.`);
}
