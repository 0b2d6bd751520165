import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/database.ts';
import { paidOrder, runDisputedPlatform, type DisputedPlatform } from '../support/dispute.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/quittance.ts';
import { askRefund } from '../support/refund.ts';
import { startStripeProxy } from '../support/stripe-proxy.ts';

interface Listed {
  id: string;
  status: string;
  purpose: string;
  stripe_id: string | null;
  error_code: string | null;
}

let place: { url: string; sql: Database['sql'] };

beforeAll(async () => {
  const { url, database } = await freshDatabase();
  place = { url, sql: database.sql };
});

async function ask<T>(shop: DisputedPlatform, path: string, method = 'GET'): Promise<T & { http: number }> {
  const answer = await shop.api(`/api/movements${path}`, { method });
  return { http: answer.status, ...((await answer.json()) as T) };
}

describe('a movement that Stripe refused', () => {
  it('is tried again when staff say so: found if it was made after all, else made', async () => {
    const proxy = await startStripeProxy();
    const shop = await runDisputedPlatform(place, { stripeApiBase: proxy.url });
    proxy.target = shop.simulator.url;
    // Stripe makes the transfers of a cart, and both answers say that it does not.
    const error = { type: 'invalid_request_error', code: 'odd' };
    proxy.answer({ match: 'POST /v1/transfers', times: 2, status: 400, error });
    const order = await paidOrder(shop, { items: [{ id: 'cabin' }, { id: 'boat' }] });
    const of = async (status: string): Promise<Listed[]> => {
      const { data } = await ask<{ data: Listed[] }>(shop, `?order=${order.order}&status=${status}`);
      return data;
    };
    const refused = await until(async () => {
      const all = await of('refused');
      return all.length === 2 && all;
    }, 'both to be refused');
    expect(refused[0]).toMatchObject({ purpose: 'split', error_code: 'odd', stripe_id: null });
    for (const { id } of refused) {
      expect(await ask(shop, `/${id}/retry`, 'POST')).toMatchObject({
        http: 200,
        status: 'done',
        error: null,
      });
      expect(await ask(shop, `/${id}/retry`, 'POST')).toMatchObject({ http: 409, code: 'movement_done' });
    }
    const { data } = await shop.stripe.transfers.list({ transfer_group: order.order });
    expect(data.map(({ id }) => id).toSorted()).toEqual(
      (await of('done')).map(({ stripe_id: made }) => made ?? '').toSorted(),
    );
    expect(data).toHaveLength(2);
  });

  it('is no refund, no stranger’s, and nothing that is not there', async () => {
    const shop = await runDisputedPlatform(place);
    const order = await paidOrder(shop, { items: [{ id: 'coffee' }] });
    await shop.orderIn(order.order, 'fulfilled');
    await askRefund(shop, order);
    const { data } = await ask<{ data: Listed[] }>(shop, `?order=${order.order}`);
    expect(await ask(shop, `/${data[0]?.id}/retry`, 'POST')).toMatchObject({ http: 409, code: 'ask_again' });
    expect(await ask(shop, '/mov_0')).toMatchObject({ http: 404, code: 'movement_not_found' });
    expect(await ask(shop, '?limit=0')).toMatchObject({ http: 400, field: 'limit' });
    expect((await fetch(`${shop.url}/api/movements`)).status).toBe(401);
  });
});
