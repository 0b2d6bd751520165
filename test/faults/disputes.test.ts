import { on } from 'node:events';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import type { Failpoint } from '../../src/failpoints.ts';
import { startSimulator } from '../../src/simulator/index.ts';
import { pay as payDirectly } from '../simulator/support/money.ts';
import { makeSeller } from '../simulator/support/seller.ts';
import { CARD, pay, stripeOf } from '../support/buyer.ts';
import { orderOf } from '../support/cart.ts';
import { freshDatabase } from '../support/database.ts';
import { decide, disputeOrder, disputeUntil, moved, totalOf, type WholeDispute } from '../support/dispute.ts';
import { knownSeller } from '../support/marketplace.ts';
import { API_KEY, until } from '../support/quittance.ts';
import { freePort, startServer, type ServerProcess } from '../support/server-process.ts';
import { registerWebhook, STRIPE_KEY } from '../support/shop.ts';

const CONFIG = `export default { products: [
  { id: 'cabin', name: 'Cabin', price: 10000, currency: 'usd', seller: 'ann', fee: { percent: 10 } },
] };`;
const AT_ONCE = { ...CARD, number: '4000000000000077' };

let url: string;
let database: Database;

beforeAll(async () => {
  ({ url, database } = await freshDatabase());
});

/** A worker that dies at a place, and the id by which the next one replaces it. */
interface Worker {
  process: ServerProcess;
  id: string;
}

it('kill -9 between reversal and re-transfer, and after the re-transfer: each is made once', async () => {
  const simulator = await startSimulator({ port: 0, redirectWaitMs: 0 });
  onTestFinished(() => simulator.close());
  const stripe = stripeOf(simulator);
  const port = await freePort();
  const env = {
    STRIPE_SECRET_KEY: STRIPE_KEY,
    STRIPE_API_BASE: simulator.url,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
  };
  const start = async (role: 'web' | 'work', kill?: Failpoint, replaces?: string): Promise<Worker> => {
    const command = ['serve', '--role', role, ...(replaces ? ['--replaces', replaces] : [])];
    const failpoint = kill ? { failpoint: { name: kill, count: 1 } } : {};
    const process = await startServer({ databaseUrl: url, port, command, config: CONFIG, env, ...failpoint });
    return { process, id: await idOf(process) };
  };
  const [web, first] = await Promise.all([start('web'), start('work', 'movement.after_done')]);
  await registerWebhook(simulator.url, `${web.process.url}/api/webhook`);
  const { id: account } = await makeSeller({ stripe });
  await knownSeller(database.sql, { reference: 'ann', account });
  await payDirectly({ stripe }, { amount: 100_000 });
  const before = await totalOf({ stripe });
  const api = (path: string, init: { method?: string; body?: string } = {}): Promise<Response> =>
    fetch(`${web.process.url}${path}`, { ...init, headers: { authorization: `Bearer ${API_KEY}` } });
  const shop = { api, stripe, simulator, advance: (seconds: number) => simulator.clock.advance(seconds) };

  const order = await orderOf(shop, { items: [{ id: 'cabin' }] });
  expect(await pay(order, AT_ONCE)).toBe(true);
  await until(async () => (await orderStatus(api, order.order)) === 'fulfilled', 'the order');
  const dispute = await disputeOrder(shop, order);
  expect(await first.process.exit).toEqual({ code: null, signal: 'SIGKILL' });
  expect(first.process.reached()).toEqual(['movement.after_done']);
  // Taken back, and nobody is there to hear that the dispute is won.
  expect(await totalOf({ stripe }, account)).toBe(0);
  await decide(shop, dispute, 'winning_evidence');
  expect((await disputeUntil(shop, dispute, () => true)).movements).toHaveLength(1);

  const second = await start('work', 'movement.after_stripe', first.id);
  expect(await second.process.exit).toEqual({ code: null, signal: 'SIGKILL' });
  // Control: Stripe has made it, and we don't know.
  const known = await disputeUntil(shop, dispute, () => true);
  expect(known.movements.map(stateOf)).toEqual(['dispute_reversal done', 'dispute_retransfer planned']);
  expect(await totalOf({ stripe }, account)).toBe(9_000);

  await start('work', undefined, second.id);
  await disputeUntil(shop, dispute, moved('dispute_retransfer'));
  await until(async () => (await orderStatus(api, order.order)) === 'fulfilled', 'the order again');
  expect(await totalOf({ stripe }, account)).toBe(9_000);
  expect((await totalOf({ stripe })) - before).toBe(1_000 - 320);
});

/** The id under which it tells others that it lives. */
async function idOf({ child }: ServerProcess): Promise<string> {
  for await (const [message] of on(child, 'message') as AsyncIterable<[{ kind: string; id: string }]>) {
    if (message.kind === 'ready') return message.id;
  }
  throw new Error('it never was ready');
}

async function orderStatus(api: (path: string) => Promise<Response>, id: string): Promise<string> {
  return ((await (await api(`/api/orders/${id}`)).json()) as { status: string }).status;
}

function stateOf({ purpose, status }: WholeDispute['movements'][number]): string {
  return `${purpose} ${status}`;
}
