import type { Attempt, Delivery } from '../events/deliveries.ts';
import type { Engine } from '../realm.ts';
import type { World } from '../store/store.ts';

const DELIVERY = '_delivery';
const RESPONSE_CHARS_KEPT = 2_000;

/** What the listener has, but not told what came of it; its answer, if there is one, takes its place. */
const ONLY_TAKEN = 'taken by the listener';

/** What the CLI reports of a request that it made to the server behind it; not checked yet. */
export interface WebhookResponse {
  forward_url?: unknown;
  status?: unknown;
  body?: unknown;
}

/** The listener has the event. The CLI never tries again, so this is the end of the delivery. */
export function noteAck(engine: Engine, world: World, id: string): void {
  change(engine, world, id, ({ attempts, state }, at) => {
    // The other rendering was acknowledged before, or even answered.
    if (state !== 'pending') return {};
    const taken = { at, status: null, error: ONLY_TAKEN, response: '', ms: 0 };
    return { state: 'delivered', attempts: [...attempts, taken] };
  });
}

/** The server behind the listener has answered; anything but a 2xx makes the delivery a failed one. */
export function noteResponse(
  engine: Engine,
  session: string,
  id: string,
  { status, body, forward_url }: WebhookResponse,
): void {
  const row = engine.store.find(DELIVERY, id);
  if (row?.object['endpoint'] !== session || typeof status !== 'number') return;
  change(engine, row, id, ({ attempts }, at) => {
    const taken = attempts.findIndex(({ error }) => error === ONLY_TAKEN);
    const response = textOf(body).slice(0, RESPONSE_CHARS_KEPT);
    const attempt: Attempt = {
      at,
      status,
      error: null,
      response,
      ms: 0,
      forward_url: textOf(forward_url),
    };
    return {
      state: status >= 200 && status < 300 ? 'delivered' : 'failed',
      attempts: taken === -1 ? [...attempts, attempt] : attempts.with(taken, attempt),
    };
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function change(
  { store, clock }: Engine,
  world: World,
  id: string,
  changed: (delivery: Delivery, at: number) => Partial<Delivery>,
): void {
  const row = store.table(world, DELIVERY).get(id);
  if (!row) return;
  const after = { ...row.object, ...changed(row.object as unknown as Delivery, clock.seconds()) };
  store.transaction(() => store.put(world, DELIVERY, id, after));
}
