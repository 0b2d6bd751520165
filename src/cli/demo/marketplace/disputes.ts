import { expect } from '../expect.ts';
import { dollars } from './books.ts';
import type { Market } from './cast.ts';
import { buy } from './sales.ts';

/** Pays, and the cardholder's bank takes it back: docs.stripe.com/testing, "disputes". */
const DISPUTED_CARD = '4000 0000 0000 0259';
// The bank decides a while after it was answered.
const DECISION_SECONDS = 3_600;
// A kayak, less the platform's tenth.
const ANNS_PART = 5_400;

interface DisputeView {
  id: string;
  order: string | null;
  status: string;
  movements?: { purpose: string; status: string; amount: { value: number } }[];
}

/** Two guests dispute what they paid. One bank believes the guest, the other believes Ann. */
export async function disputes(market: Market): Promise<void> {
  market.screen.heading('Disputes');
  await lose(market);
  await win(market);
}

async function lose(market: Market): Promise<void> {
  const { screen } = market;
  let dispute: DisputeView | undefined;
  await screen.step('a guest disputes the kayak: Ann’s part is taken back from her at once', async () => {
    dispute = await disputed(market);
    return `${dispute.id}: needs_response, ${dollars(ANNS_PART)} less for Ann`;
  });
  await screen.step('the evidence does not convince the bank: lost, and it stays that way', async () => {
    const { id, order } = await answered(market, dispute as DisputeView, 'losing_evidence', 'lost');
    await market.watch.orderIn(order ?? '', 'disputed');
    return `${id} lost, order disputed`;
  });
}

async function win(market: Market): Promise<void> {
  const { screen, books, ann, watch } = market;
  let dispute: DisputeView | undefined;
  let before = 0;
  await screen.step('another guest disputes one: the same again', async () => {
    dispute = await disputed(market);
    before = await total(market);
    return `${dispute.id}: ${dollars(ANNS_PART)} less for Ann`;
  });
  await screen.step('this evidence convinces the bank: won, and Ann has her part again', async () => {
    const { id } = await answered(market, dispute as DisputeView, 'winning_evidence', 'won');
    await watch.until('her part to come back', async () =>
      (await total(market)) === before + ANNS_PART ? true : null,
    );
    const { available, pending } = await books.held(ann.account);
    return `${id} won, Ann has ${dollars(available + pending)}`;
  });
}

/** A kayak is bought and disputed; Ann's part is reversed. */
async function disputed(market: Market): Promise<DisputeView> {
  const { stage, watch } = market;
  const before = await total(market);
  const order = await buy(market, { id: 'kayak' }, DISPUTED_CARD, 'disputed', 'paid');
  const found = await watch.until(`a dispute of ${order}`, async () => {
    const { data } = await stage.api<{ data: DisputeView[] }>(`/api/disputes?order=${order}`);
    return data[0] ?? null;
  });
  expect(found.status === 'needs_response', `it is ${found.status}`);
  await watch.until('her transfer to be reversed', async () => {
    const { movements = [] } = await stage.api<DisputeView>(`/api/disputes/${found.id}`);
    return (
      movements.some(({ purpose, status }) => purpose === 'dispute_reversal' && status === 'done') || null
    );
  });
  const now = await total(market);
  expect(now === before, `she has ${now} instead of ${before}`);
  return found;
}

async function answered(
  { stage, watch, books }: Market,
  { id }: DisputeView,
  text: string,
  outcome: 'won' | 'lost',
): Promise<DisputeView> {
  const { status, body } = await stage.ask('POST', `/api/disputes/${id}/evidence`, {
    evidence: { uncategorized_text: text },
    submit: true,
  });
  expect(status === 200, `answered ${status}: ${JSON.stringify(body)}`);
  await books.pass(DECISION_SECONDS);
  return watch.until(`dispute ${id} to be ${outcome}`, async () => {
    const now = await stage.api<DisputeView>(`/api/disputes/${id}`);
    return now.status === outcome ? now : null;
  });
}

async function total({ books, ann }: Market): Promise<number> {
  const { available, pending } = await books.held(ann.account);
  return available + pending;
}
