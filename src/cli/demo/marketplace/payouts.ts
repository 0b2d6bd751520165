import { expect } from '../expect.ts';
import { dollars } from './books.ts';
import type { Market } from './cast.ts';
import { expectHeading, sellerOf, untilReady } from './onboarding.ts';

const DAY_SECONDS = 24 * 3600;
// Over any weekend: a payout takes two bank days, and a bank that refuses it another one.
const DAYS_UNTIL_SURE = 6;

// 756.00 for the cabin and 54.00 for a kayak, less 189.00 and 18.00 refunded, and the kayak that was won.
const ALL_SHE_HAS = 65_700;

interface PayoutView {
  id: string;
  status: string;
  amount: { value: number; currency: string };
  failure: { code: string; message: string; advice: string } | null;
}

/** Ann's bank sends her money back; she gives another bank account, and is paid. */
export async function payouts(market: Market): Promise<void> {
  const { screen, stage, ann, owners } = market;
  const { id } = ann;
  screen.heading('Payouts');
  await screen.step('Ann is to be paid out on request: her schedule becomes manual', async () => {
    const { status, body } = await stage.ask('PUT', `/api/connect/sellers/${id}/schedule`, {
      interval: 'manual',
    });
    expect(status === 200, `answered ${status}: ${JSON.stringify(body)}`);
    return JSON.stringify(body);
  });
  let failed: PayoutView | undefined;
  await screen.step('all she has is paid out; days later her bank sends it back', async () => {
    const asked = await payOut(market);
    expect(asked.amount.value === ALL_SHE_HAS, `she has ${asked.amount.value}`);
    await market.books.pass(DAYS_UNTIL_SURE * DAY_SECONDS);
    failed = await untilPayout(market, asked.id, 'failed');
    const { available } = await market.books.held(ann.account);
    expect(available === asked.amount.value, `she has ${available}, not ${asked.amount.value}`);
    const told = (await market.watch.eventsOf(failed.id)).map(({ type }) => type);
    expect(told.includes('payout.paid') && told.includes('payout.failed'), `told of ${told.join(', ')}`);
    return `${failed.id}: paid at first, then ${failed.failure?.code}; ${dollars(available)} are hers again`;
  });
  await screen.step('Ann is asked for another bank account, and gives it on Stripe’s pages', async () => {
    const due = await market.watch.until('Stripe to ask her for something', async () => {
      const wanted = (await sellerOf(market, id)).requirements.filter(({ due: when }) => when !== 'later');
      return wanted.length > 0 ? wanted.map(({ field }) => field) : null;
    });
    const link = await stage.ask<{ url: string }>('POST', `/api/connect/sellers/${id}/link`);
    expect(link.status === 201, `no link: ${link.status}`);
    expectHeading(await owners.onboard(link.body.url), 'You are ready to be paid');
    await untilReady(market, id);
    return `asked for ${due.join(', ')}, given`;
  });
  await screen.step('the payout is asked for again, is paid, and stays so', async () => {
    const asked = await payOut(market);
    await market.books.pass(DAYS_UNTIL_SURE * DAY_SECONDS);
    const paid = await untilPayout(market, asked.id, 'paid');
    const { available } = await market.books.held(ann.account);
    expect(available === 0, `she still has ${available}`);
    return `${paid.id}: ${dollars(paid.amount.value)} paid`;
  });
}

async function payOut({ stage, ann }: Market): Promise<PayoutView> {
  const { status, body } = await stage.ask<PayoutView>('POST', `/api/connect/sellers/${ann.id}/payouts`, {});
  expect(status === 201, `answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

function untilPayout({ stage, watch, ann }: Market, id: string, wanted: string): Promise<PayoutView> {
  return watch.until(`payout ${id} to be ${wanted}`, async () => {
    const { data } = await stage.api<{ data: PayoutView[] }>(`/api/connect/sellers/${ann.id}/payouts`);
    const found = data.find((payout) => payout.id === id);
    return found?.status === wanted ? found : null;
  });
}
