import { redirectOf, type StartedPayment } from './buyer.ts';
import { expect } from './expect.ts';
import type { Cast, Play } from './play.ts';
import type { Watch } from './watch.ts';

const GOOD_CARD = '4242 4242 4242 4242';
const DECLINED_CARD = '4000 0000 0000 0002';
const CARD_WITH_3DS = '4000 0027 6000 3184';

/** One product, and what can happen to a payment of it. */
export const PLAIN: Play = {
  shop: {
    shopName: 'Demo Coffee',
    products: [{ id: 'coffee', name: 'Coffee', price: 350, currency: 'usd', max_quantity: 10 }],
  },
  // What was not reached counts as failed.
  steps: 14,
  acts: [setUp, payByCheckout, declined, threeDSecure, killAndRestart],
};

export async function setUp({ screen, stage }: Cast): Promise<void> {
  screen.heading('From nothing');
  await screen.step('a database is created and started', () => stage.openDatabase());
  await screen.step('a local Stripe runs and knows our webhook', () => stage.startStripe());
  await screen.step('the server migrates the database and listens', () => stage.startServer());
}

async function payByCheckout(cast: Cast): Promise<void> {
  const { screen, stage, buyer, watch } = cast;
  screen.heading('A payment by Checkout');
  let payment: StartedPayment | undefined;
  const paid = (): StartedPayment => payment as StartedPayment;
  let session = '';
  await screen.step('an order for two coffees is written down, Stripe makes its payment page', async () => {
    payment = await buyer.order(2);
    const order = await watch.order(payment.order);
    expect(order.status === 'pending' && order.amount.value === 700, `order ${JSON.stringify(order)}`);
    session = order.checkout_session ?? '';
    return `${order.id}: 7.00 usd, pending`;
  });
  await screen.step(
    'a card is typed into the hosted page and submitted; Stripe sends the buyer back',
    async () => {
      const back = redirectOf(await buyer.payWith(GOOD_CARD, paid()));
      expect(back === `${stage.url}/payment/success?session_id=${session}`, `sent to ${back}`);
      return 'redirected to /payment/success with the session id';
    },
  );
  await screen.step(
    'the webhook arrives, its signature is verified, the event is stored and handled',
    async () => {
      const event = await watch.deliveredEvent('checkout.session.completed', session);
      return `${event.id} stored as number ${event.seq}, handled in ${event.attempts} attempt`;
    },
  );
  await screen.step('the order is fulfilled, once, and the success page says so', async () => {
    await watch.orderIn(paid().order, 'fulfilled');
    const page = await (await fetch(`${stage.url}/payment/success?session_id=${session}`)).text();
    expect(page.includes('data-standing="done"'), 'the page does not say that the order is complete');
    return `${await expectOneFulfilment(watch, paid().order)}, page: order complete`;
  });
  await repeatDeliveries(cast, paid().order, session);
}

async function repeatDeliveries({ screen, watch }: Cast, orderId: string, session: string): Promise<void> {
  await screen.step('the same event is delivered five more times: still one fulfilment', async () => {
    const [event] = await watch.eventsOf(session);
    const before = event?.deliveries ?? 0;
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => watch.deliverAgain(event?.id ?? '')));
    expect(
      answers.every((status) => status === 200),
      `answers ${answers.join(', ')}`,
    );
    const [again] = await watch.eventsOf(session);
    expect(again?.deliveries === before + 5, `counted ${again?.deliveries} deliveries after ${before}`);
    const once = await expectOneFulfilment(watch, orderId);
    return `five times 200, ${again?.deliveries} deliveries counted, ${once}`;
  });
  await screen.step('all events of the payment arrive again, last first: still one fulfilment', async () => {
    const { payment_intent: intent } = await watch.order(orderId);
    const events = [...(await watch.eventsOf(session)), ...(await watch.eventsOf(intent ?? ''))];
    for (const event of events.toReversed()) expect((await watch.deliverAgain(event.id)) === 200, 'refused');
    await watch.orderIn(orderId, 'fulfilled');
    return `${events.length} events in reverse, ${await expectOneFulfilment(watch, orderId)}`;
  });
}

async function declined({ screen, buyer, watch }: Cast): Promise<void> {
  screen.heading('A declined card');
  let payment: StartedPayment | undefined;
  await screen.step('the bank declines: the page says why, nothing is fulfilled', async () => {
    payment = await buyer.order(1);
    const answer = await buyer.payWith(DECLINED_CARD, payment);
    expect((await answer.text()).includes('declined'), 'the page does not say that the card was declined');
    await watch.orderIn(payment.order, 'failed');
    expect((await watch.fulfilments(payment.order)) === 0, 'something was fulfilled');
    return `page: "Your card was declined", order failed, no fulfilment`;
  });
  await screen.step('the buyer tries another card: the same order is paid and fulfilled', async () => {
    const { order } = payment as StartedPayment;
    redirectOf(await buyer.payWith(GOOD_CARD, payment as StartedPayment));
    await watch.orderIn(order, 'fulfilled');
    return expectOneFulfilment(watch, order);
  });
}

async function threeDSecure({ screen, buyer, watch }: Cast): Promise<void> {
  screen.heading('3-D Secure');
  await screen.step('the bank asks the buyer, who agrees; the order is fulfilled', async () => {
    const payment = await buyer.order(1);
    const bank = redirectOf(await buyer.payWith(CARD_WITH_3DS, payment));
    const before = await watch.order(payment.order);
    expect(before.paid_at === null, 'it was paid before the bank was asked');
    redirectOf(await buyer.authenticate(bank, 'Complete'));
    await watch.orderIn(payment.order, 'fulfilled');
    return `asked at ${new URL(bank).pathname}, ${await expectOneFulfilment(watch, payment.order)}`;
  });
}

async function killAndRestart({ screen, stage, buyer, watch }: Cast): Promise<void> {
  screen.heading('kill -9 between payment and webhook');
  let payment: StartedPayment | undefined;
  await screen.step('the server is killed, then the buyer pays: the webhook finds nobody', async () => {
    payment = await buyer.order(3);
    await stage.killServer();
    redirectOf(await buyer.payWith(GOOD_CARD, payment));
    expect((await watch.fulfilments(payment.order)) === 0, 'something was fulfilled without a server');
    return 'paid at Stripe, unknown to us';
  });
  await screen.step('the server starts again and the order is fulfilled', async () => {
    const { order } = payment as StartedPayment;
    await stage.startServer();
    const { checkout_session: session } = await watch.orderIn(order, 'fulfilled');
    const [event] = await watch.eventsOf(session ?? '');
    return `event came by ${event?.source ?? 'nothing'}, ${await expectOneFulfilment(watch, order)}`;
  });
}

async function expectOneFulfilment(watch: Watch, order: string): Promise<string> {
  const count = await watch.fulfilments(order);
  expect(count === 1, `${count} fulfilments instead of one`);
  return 'fulfilled once';
}
