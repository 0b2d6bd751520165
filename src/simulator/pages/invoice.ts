import type Stripe from 'stripe';
import { formatMoney } from '../../money.ts';
import { collect } from '../billing/invoices/collect.ts';
import { linesOf } from '../billing/invoices/lines.ts';
import { onClock } from '../billing/time/moments.ts';
import { idOf } from '../kinds.ts';
import { attach } from '../payments/attach.ts';
import { makeMethod } from '../payments/methods.ts';
import { Realm } from '../realm.ts';
import { StripeError } from '../server/errors.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { SiteParts } from '../site.ts';
import { methodParams } from './checkout.ts';
import { checkEntry, emptyEntry, readEntry, type Entry, type EntryErrors } from './entry.ts';
import { CVC, EXPIRY, NAME, NUMBER, countries, field } from './fields.ts';
import { html, type Html } from './html.ts';
import { notice, page, redirect } from './layout.ts';
import { pdfOf } from './pdf.ts';
import { dayOf } from './portal-view.ts';

type Invoice = Stripe.Invoice;

interface Visit {
  realm: Realm;
  invoice: Invoice;
  path: string;
}

/** The hosted page of an invoice: what is to be paid, until when, and a form to pay it with. */
export function invoicePage({ engine }: SiteParts, request: WebRequest): WebAnswer {
  const [, , id = '', secret = ''] = request.path.split('/');
  const row = engine.store.find('invoice', id);
  if (!row || row.hidden?.['secret'] !== secret || row.object['status'] === 'draft')
    return notice('Nothing here', 'This link is not valid, or not any more.', undefined, 404);
  const world = new Realm(engine, row, null);
  const invoice = row.object as unknown as Invoice;
  const visit = { realm: onClock(world, invoice), invoice, path: `/i/${id}/${secret}` };
  if (request.path.endsWith('/pdf')) return printed(visit);
  if (request.method !== 'POST' || invoice.status === 'paid') return show(visit, emptyEntry(), {}, null);
  const entry = {
    ...readEntry(new URLSearchParams(request.body)),
    email: invoice.customer_email ?? 'a@example.com',
  };
  const errors = checkEntry(entry, visit.realm.now);
  if (Object.keys(errors).length > 0) return show(visit, entry, errors, null);
  return pay(visit, entry);
}

function printed({ realm, invoice }: Visit): WebAnswer {
  const { currency, number, due_date: due, customer_name: name, customer_email: email, status } = invoice;
  const money = (value: number): string => formatMoney({ value, currency });
  const body = pdfOf([
    `Invoice ${number ?? ''}`,
    `For ${name ?? email ?? ''}`,
    ...(due === null ? [] : [`Due on ${dayOf(due)}`]),
    '',
    ...linesOf(realm, invoice.id).map(({ description, amount }) => `${money(amount)}   ${description ?? ''}`),
    '',
    `Total ${money(invoice.total)}, ${status ?? ''}`,
  ]);
  const headers = { 'content-type': 'application/pdf', 'cache-control': 'no-store' };
  return { status: 200, headers, body };
}

function pay(visit: Visit, entry: Entry): WebAnswer {
  const { realm, invoice, path } = visit;
  const { engine } = realm;
  try {
    const { intent, refusal } = engine.store.transaction(() => {
      const customer = idOf(invoice.customer) ?? '';
      const method = attach(realm, makeMethod(realm, methodParams(entry)), customer);
      return collect(realm, invoice.id, {
        method,
        offSession: false,
        returnUrl: `${engine.settings.url}${path}`,
      });
    });
    const bank = intent?.next_action?.redirect_to_url?.url;
    if (bank) return redirect(bank);
    const after = { ...visit, invoice: realm.need('invoice', invoice.id) };
    return show(after, entry, {}, refusal?.decline.message ?? null);
  } catch (thrown) {
    if (thrown instanceof StripeError) return show(visit, entry, {}, thrown.message);
    throw thrown;
  }
}

function show(visit: Visit, entry: Entry, errors: EntryErrors, alert: string | null): WebAnswer {
  const bad = alert !== null || Object.keys(errors).length > 0;
  const body = html`<main class="checkout">${summary(visit)} ${payment(visit, entry, errors, alert)}</main>
    <footer>A local stand-in for Stripe's invoice page. No card is charged and no money moves.</footer>`;
  return page({ title: `Invoice ${visit.invoice.number ?? ''}`, body, status: bad ? 422 : 200 });
}

function summary({ realm, invoice }: Visit): Html {
  const { currency, number, due_date: due, total, amount_remaining: rest } = invoice;
  const money = (value: number): string => formatMoney({ value, currency });
  return html`<section class="summary" aria-labelledby="invoice-title">
    <h1 id="invoice-title">Invoice ${number}</h1>
    <p class="total">${money(invoice.status === 'paid' ? total : rest)}</p>
    <ul class="items">
      ${linesOf(realm, invoice.id).map(
        ({ description, amount }) =>
          html`<li>
            <div>${description}</div>
            <span>${money(amount)}</span>
          </li>`,
      )}
    </ul>
    ${due !== null && html`<p class="more">Due on ${dayOf(due)}</p>`}
  </section>`;
}

function payment({ invoice, path }: Visit, entry: Entry, errors: EntryErrors, alert: string | null): Html {
  if (invoice.status !== 'open')
    return html`<section class="pay">
      <h2>${invoice.status === 'paid' ? 'Invoice paid' : 'Nothing to pay'}</h2>
    </section>`;
  const form = { entry, errors };
  return html`<section class="pay" aria-labelledby="pay-title">
    <h2 id="pay-title">Pay this invoice</h2>
    <div class="alert" role="alert">${alert !== null && html`<p>${alert}</p>`}</div>
    <form method="post" action="${path}" novalidate>
      <input type="hidden" name="method" value="card" />
      ${field(form, NUMBER)}
      <div class="pair">${field(form, EXPIRY)} ${field(form, CVC)}</div>
      ${field(form, NAME)} ${countries(entry)}
      <button class="button" type="submit">Pay</button>
    </form>
  </section>`;
}
