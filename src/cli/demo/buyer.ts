import { readForm, submitForm } from './form.ts';
import type { Stage } from './stage.ts';

const BUYER = {
  email: 'ann@example.com',
  name: 'Ann Example',
  expiry: '12 / 34',
  cvc: '123',
  postal: '12345',
};

export interface StartedPayment {
  url: string;
  order: string;
  token: string;
}

/** Does what a buyer does: asks for a payment, types a card into Stripe's page, follows where it leads. */
export class Buyer {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  order(quantity: number): Promise<StartedPayment> {
    return this.ask({ id: 'coffee', quantity });
  }

  /** Asks for a payment link of anything. */
  async ask(what: Record<string, unknown>): Promise<StartedPayment> {
    const answer = await fetch(`${this.#stage.url}/api/create-payment-link`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...what, email: BUYER.email }),
    });
    if (answer.status !== 201) throw new Error(`expected 201, got ${answer.status}: ${await answer.text()}`);
    const { data } = (await answer.json()) as {
      data: { url: string; order_id: string; order_token: string };
    };
    return { url: data.url, order: data.order_id, token: data.order_token };
  }

  /** Types a card into the hosted page and submits it. */
  async payWith(number: string, { url }: StartedPayment): Promise<Response> {
    const page = await fetch(url);
    if (!page.ok) throw new Error(`the hosted page answered ${page.status}`);
    return submitForm(readForm(await page.text(), url), { ...BUYER, number });
  }

  /** Presses a button of the bank's page. */
  async authenticate(address: string, button: string): Promise<Response> {
    const page = await fetch(address);
    return submitForm(readForm(await page.text(), address), {}, button);
  }
}

/** The address an answer redirects to. Throws when it does not. */
export function redirectOf(answer: Response): string {
  const location = answer.headers.get('location');
  if (answer.status < 300 || answer.status > 399 || !location) {
    throw new Error(`expected a redirect, got status ${answer.status}`);
  }
  return location;
}
