// Runs in the browser: mounts Stripe's Payment Element and confirms the payment.
import type { StripeCheckoutLoadActionsSuccess, StripeConstructor } from '@stripe/stripe-js';

interface Started {
  client_secret: string;
  /** The account the payment is made on, when it is not the platform's own. */
  stripe_account: string | null;
  order_id: string;
}

const form = document.querySelector<HTMLFormElement>('#pay');
if (form) void begin(form).catch((error: unknown) => giveUp(form, String(error)));

async function begin(page: HTMLFormElement): Promise<void> {
  const makeStripe = (window as { Stripe?: StripeConstructor }).Stripe;
  if (!makeStripe) {
    return giveUp(
      page,
      'Stripe could not be loaded. Check your connection or content blocker and try again.',
    );
  }
  const started = await startOrder(page);
  const account = started.stripe_account ? { stripeAccount: started.stripe_account } : undefined;
  const stripe = makeStripe(page.dataset.publishableKey ?? '', account);
  const checkout = stripe.initCheckoutElementsSdk({ clientSecret: started.client_secret });
  const loaded = await checkout.loadActions();
  if (loaded.type === 'error') return giveUp(page, loaded.error.message);
  const place = need(page, '#payment-element');
  const element = checkout.createPaymentElement({ layout: 'tabs' });
  element.on('ready', () => {
    place.setAttribute('aria-busy', 'false');
    setBusy(page, false);
  });
  element.on('loaderror', ({ error }) =>
    giveUp(page, error.message ?? 'The payment form could not be loaded.'),
  );
  element.on('change', () => say(page, '#error', ''));
  place.replaceChildren();
  element.mount(place);
  page.addEventListener('submit', (event) => {
    event.preventDefault();
    void pay(page, loaded.actions).catch((error: unknown) => fail(page, String(error)));
  });
  const email = need<HTMLInputElement>(page, '#email');
  email.addEventListener('input', () => {
    if (email.getAttribute('aria-invalid') === 'true') checkEmail(page);
  });
  email.addEventListener('blur', () => email.value && checkEmail(page));
}

/** Asks our server for the order; the client secret stays in memory. */
async function startOrder(page: HTMLFormElement): Promise<Started> {
  const { product, quantity } = page.dataset;
  const answer = await fetch(`/pay/${product}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ quantity: Number(quantity) }),
  });
  const body = (await answer.json()) as { data?: Started; detail?: string };
  if (!answer.ok || !body.data) throw new Error(body.detail ?? 'The order could not be created.');
  return body.data;
}

async function pay(page: HTMLFormElement, actions: StripeCheckoutLoadActionsSuccess): Promise<void> {
  if (page.dataset.busy === 'true') return;
  if (!checkEmail(page)) return need(page, '#email').focus();
  setBusy(page, true);
  say(page, '#error', '');
  const result = await actions.confirm({
    email: need<HTMLInputElement>(page, '#email').value.trim(),
    redirect: 'if_required',
  });
  if (result.type === 'error') return fail(page, result.error.message);
  say(page, '#success', 'Payment received. One moment…');
  location.assign(`/payment/success?session_id=${encodeURIComponent(result.session.id)}`);
}

function checkEmail(page: HTMLFormElement): boolean {
  const email = need<HTMLInputElement>(page, '#email');
  const good = email.value.trim() !== '' && email.validity.valid;
  email.setAttribute('aria-invalid', String(!good));
  say(page, '#email-error', good ? '' : 'Enter an e-mail address such as ann@example.com.');
  return good;
}

/** Shows an error and lets the buyer try again. */
function fail(page: HTMLFormElement, message: string): void {
  say(page, '#error', message.replace(/^Error: /, ''));
  setBusy(page, false);
}

/** Nothing can be paid on this page as it stands: the button stays off. */
function giveUp(page: HTMLFormElement, message: string): void {
  say(page, '#error', `${message.replace(/^Error: /, '')} Reload the page to try again.`);
  need(page, '#payment-element').replaceChildren();
}

function setBusy(page: HTMLFormElement, busy: boolean): void {
  page.dataset.busy = String(busy);
  need<HTMLButtonElement>(page, 'button').disabled = busy;
  need(page, '.spinner').hidden = !busy;
}

function say(page: HTMLFormElement, selector: string, text: string): void {
  need(page, selector).textContent = text;
}

function need<T extends HTMLElement>(page: HTMLElement, selector: string): T {
  const found = page.querySelector<T>(selector);
  if (!found) throw new Error(`the page has no ${selector}`);
  return found;
}
