import type { EventRow } from '../../../events/rows.ts';
import { CONNECT_ENDPOINT } from '../../../inbox/known-accounts.ts';
import { expect } from '../expect.ts';
import type { Market, Owner } from './cast.ts';
import { BANK_THAT_REFUSES, type Arrival } from './owner.ts';

/** What the platform's API says of a seller. */
export interface SellerView {
  id: string;
  account: string | null;
  status: string;
  reason: string | null;
  requirements: { field: string; due: string }[];
}

/** Two are taken on, by an account link and by OAuth; one leaves in the middle and can't be sold for. */
export async function onboarding(market: Market): Promise<void> {
  const { screen, owners, stage } = market;
  screen.heading('Sellers');
  await screen.step('a browser starts', () => owners.openBrowser());
  await screen.step('Ann goes through Stripe’s onboarding pages and comes back ready', async () => {
    const { seller, url } = await takeOn(market, {
      reference: 'owner-ann',
      email: 'ann@example.com',
      business_type: 'individual',
      individual: { first_name: 'Ann', last_name: 'Owner' },
    });
    expect(seller.status === 'not_started', `status ${seller.status} before she began`);
    expectHeading(await owners.onboard(url, { bank: BANK_THAT_REFUSES }), 'You are ready to be paid');
    market.ann = await untilReady(market, seller.id);
    return `${market.ann.account}, made by /v2 with an Express Dashboard`;
  });
  await screen.step('Ben lets the platform into the Stripe account he has, by OAuth', async () => {
    const { seller, url } = await takeOn(market, { reference: 'owner-ben', mode: 'oauth' });
    expect(seller.account === null, 'he has an account before he was asked');
    expectHeading(await owners.connect(url), 'You are ready to be paid');
    market.ben = await untilReady(market, seller.id);
    return `${market.ben.account}, connected`;
  });
  await screen.step('what Stripe told of both came to the Connect endpoint and was worked on', async () => {
    const counts = await Promise.all([market.ann, market.ben].map((owner) => connectEvents(market, owner)));
    return `${counts.join(' and ')} events at ${CONNECT_ENDPOINT}`;
  });
  await screen.step('Cid leaves in the middle: incomplete, and told what is missing', async () => {
    const { seller, url } = await takeOn(market, { reference: 'owner-cid', email: 'cid@example.com' });
    const arrival = await owners.leaveHalfway(url);
    expect(
      arrival.text.includes('What Stripe needs now'),
      `the page does not say what is missing: ${arrival.text}`,
    );
    const { status, requirements } = await sellerOf(market, seller.id);
    expect(status === 'incomplete', `status ${status}`);
    return `${requirements.filter(({ due }) => due !== 'later').length} things are due`;
  });
  await screen.step('and nothing of his can be sold', async () => {
    const { status, body } = await stage.ask<{ code: string }>('POST', '/api/create-payment-link', {
      id: 'sauna',
    });
    expect(status === 409 && body.code === 'seller_not_ready', `answered ${status} ${JSON.stringify(body)}`);
    return '409 seller_not_ready';
  });
}

export function sellerOf({ stage }: Market, id: string): Promise<SellerView> {
  return stage.api<SellerView>(`/api/connect/sellers/${id}`);
}

/** The seller once they are ready, told by Stripe's events. */
export function untilReady(market: Market, id: string): Promise<Owner> {
  return market.watch.until(`seller ${id} to be ready`, async () => {
    const { status, account } = await sellerOf(market, id);
    return status === 'ready' && account !== null ? { id, account } : null;
  });
}

export function expectHeading({ path, heading, text }: Arrival, wanted: string): void {
  expect(heading === wanted, `came back to ${path}, which says "${heading}": ${text}`);
}

async function takeOn(
  { stage }: Market,
  who: Record<string, unknown>,
): Promise<{ seller: SellerView; url: string }> {
  const { status, body } = await stage.ask<{ seller: SellerView; url: string }>(
    'POST',
    '/api/connect/sellers',
    { country: 'US', ...who },
  );
  expect(status === 201, `answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** How many events of an account there are, when all are done; each has to have come by the right door. */
async function connectEvents({ stage, watch }: Market, { account }: Owner): Promise<number> {
  const events = await watch.until(`events of ${account} to be done`, async () => {
    const { data } = await stage.api<{ data: EventRow[] }>('/api/events?limit=1000');
    const ours = data.filter((event) => event.account === account);
    return ours.length > 0 && ours.every(({ status }) => status === 'done') ? ours : null;
  });
  for (const { id } of events) {
    const { endpoint } = await stage.api<{ endpoint: string | null }>(`/api/events/${id}`);
    expect(endpoint === CONNECT_ENDPOINT, `${id} came to ${endpoint}`);
  }
  return events.length;
}
