import type Stripe from 'stripe';
import { formatMoney } from '../../money.ts';
import { html, type Html } from './html.ts';

/** All that the portal shows of one customer. */
export interface PortalView {
  customer: Stripe.Customer;
  subscriptions: readonly Stripe.Subscription[];
  methods: readonly Stripe.PaymentMethod[];
  invoices: readonly Stripe.Invoice[];
  features: Stripe.BillingPortal.Configuration.Features;
  returnUrl: string | null;
  /** What was just done, in a sentence. */
  said: string | null;
  nameOf: (product: string) => string;
}

/** The customer's subscriptions, payment methods and invoices. */
export function portalView(view: PortalView): Html {
  const { customer, features, returnUrl, said } = view;
  return html`<main class="notice portal">
    <p class="shop">
      ${returnUrl !== null && html`<a class="back" href="${returnUrl}">← <span>Back</span></a>`}
      ${!customer.livemode && html`<span class="badge">Test mode</span>`}
    </p>
    <h1>Billing of ${customer.name ?? customer.email ?? customer.id}</h1>
    <div role="status">${said !== null && html`<p>${said}</p>`}</div>
    <h2>Subscriptions</h2>
    ${view.subscriptions.length === 0 && html`<p>There are none.</p>`}
    ${view.subscriptions.map((subscription) => subscriptionView(view, subscription))}
    ${features.payment_method_update.enabled && methodsView(view)}
    ${features.invoice_history.enabled && invoicesView(view)}
  </main>`;
}

function subscriptionView(view: PortalView, subscription: Stripe.Subscription): Html {
  const { id, cancel_at: ends, items, currency } = subscription;
  const names = items.data.map(
    ({ price, quantity }) => `${quantity ?? 1} × ${view.nameOf(price.product as string)}`,
  );
  const total = items.data.reduce(
    (sum, { price, quantity }) => sum + (price.unit_amount ?? 0) * (quantity ?? 1),
    0,
  );
  const { interval = 'month' } = items.data[0]?.price.recurring ?? {};
  const next = items.data[0]?.current_period_end ?? 0;
  const may = view.features.subscription_cancel.enabled;
  return html`<section aria-label="${names.join(', ')}">
    <p><strong>${names.join(', ')}</strong></p>
    <p>${formatMoney({ value: total, currency })} per ${interval}, ${subscription.status}</p>
    <p>${ends === null ? `Renews on ${dayOf(next)}` : `Ends on ${dayOf(ends)}`}</p>
    ${may && ends === null && actionForm('cancel', id, 'Cancel subscription')}
    ${may && ends !== null && actionForm('keep', id, 'Don’t cancel subscription')}
  </section>`;
}

function methodsView({ methods, customer }: PortalView): Html {
  const chosen = customer.invoice_settings?.default_payment_method ?? null;
  return html`<h2>Payment methods</h2>
    ${methods.map(
      ({ id, type, card }) =>
        html`<section>
          <p>${card ? `${card.brand} •••• ${card.last4}` : type}</p>
          <p>${id === chosen && html`Default`}</p>
          ${id !== chosen && actionForm('default', id, 'Make default')}
        </section>`,
    )}`;
}

function invoicesView({ invoices }: PortalView): Html {
  return html`<h2>Invoices</h2>
    <ul class="items">
      ${invoices.map(
        ({ number, created, total, currency, status, hosted_invoice_url: url }) =>
          html`<li>
            <a href="${url ?? '#'}">${number ?? 'Draft'}</a>
            <span>${dayOf(created)}</span>
            <span>${formatMoney({ value: total, currency })}</span>
            <span>${status}</span>
          </li>`,
      )}
    </ul>`;
}

function actionForm(action: string, id: string, label: string): Html {
  return html`<form method="post">
    <input type="hidden" name="action" value="${action}" />
    <input type="hidden" name="id" value="${id}" />
    <button class="button" type="submit">${label}</button>
  </form>`;
}

/** A day as `10 Nov 2026`. */
export function dayOf(at: number): string {
  const day = new Date(at * 1000);
  return day.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
