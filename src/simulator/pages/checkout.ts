import type Stripe from 'stripe';
import { updatePage } from '../checkout/page-update.ts';
import { pageView } from '../checkout/page-view.ts';
import { paySession, type Paid } from '../checkout/pay.ts';
import { idOf } from '../kinds.ts';
import { makeMethod } from '../payments/methods.ts';
import { Realm } from '../realm.ts';
import { StripeError } from '../server/errors.ts';
import type { WebAnswer, WebRequest } from '../server/http.ts';
import type { SiteParts } from '../site.ts';
import { methodsOf, paymentForm, summary, type CheckoutForm } from './checkout-view.ts';
import { checkEntry, emptyEntry, readEntry, readExpiry, type Entry, type EntryErrors } from './entry.ts';
import { html } from './html.ts';
import { notice, page, redirect } from './layout.ts';

type Session = Stripe.Checkout.Session;

/** A visit to the page of one session, hosted or in a frame. */
interface Visit {
  parts: SiteParts;
  realm: Realm;
  session: Session;
  embedded: boolean;
}

const PAGE = /^\/c\/(pay|embed)\/([^/]+?)(\/return)?$/;

/** Checkout's page: what `session.url` shows, and what an embedded page has in its frame. */
export async function checkoutPage(parts: SiteParts, request: WebRequest): Promise<WebAnswer> {
  const [, where, id = '', back] = PAGE.exec(request.path) ?? [];
  const visit = visitOf(parts, decodeURIComponent(id), where === 'embed', new URLSearchParams(request.query));
  if (!visit) return unknownSession();
  if (back !== undefined) return afterBank(visit);
  if (visit.session.status !== 'open') return closed(visit);
  if (request.method !== 'POST') return show(visit, emptyEntryFor(visit), {}, null);
  const sent = new URLSearchParams(request.body);
  const code = sent.get('promotion_code');
  return code === null ? submit(visit, readEntry(sent)) : changeCode(visit, code);
}

function visitOf(
  parts: SiteParts,
  text: string,
  embedded: boolean,
  query: URLSearchParams,
): Visit | undefined {
  const { engine } = parts;
  const [id = ''] = text.split('_secret_');
  const row = engine.store.find('checkout.session', id);
  if (!row) return undefined;
  const session = row.object as unknown as Session;
  // An embedded page's address is not secret; its client secret is.
  if (embedded && session.client_secret !== query.get('client_secret')) return undefined;
  return { parts, realm: new Realm(engine, row, null), session, embedded };
}

/** A promotion code was typed, or taken back; the page shows what it comes to. */
function changeCode(visit: Visit, code: string): WebAnswer {
  const { realm, session } = visit;
  try {
    realm.engine.store.transaction(() => updatePage(realm, session, { promotion_code: code }));
    return redirect(actionOf(visit));
  } catch (thrown) {
    if (!(thrown instanceof StripeError)) throw thrown;
    return show(visit, emptyEntryFor(visit), {}, thrown.message);
  }
}

async function submit(visit: Visit, entry: Entry): Promise<WebAnswer> {
  const { realm, parts } = visit;
  const errors = checkEntry(entry, realm.now);
  if (Object.keys(errors).length > 0) return show(visit, entry, errors, null);
  const attempt = parts.engine.store.transaction(() => pay(visit, entry));
  if (attempt instanceof StripeError) return show(visit, entry, {}, attempt.message);
  if (attempt.refusal)
    return show({ ...visit, session: attempt.session }, entry, {}, attempt.refusal.decline.message);
  if (attempt.session.status === 'complete') return finished({ ...visit, session: attempt.session });
  const bank = attempt.intent?.next_action?.redirect_to_url?.url;
  if (bank === undefined || bank === null) return show(visit, entry, {}, null);
  return redirect(visit.embedded ? `${bank}&frame=page` : bank);
}

function pay({ realm, session, embedded }: Visit, entry: Entry): Paid | StripeError {
  try {
    const method = makeMethod(realm, methodParams(entry));
    const way = embedded ? 'embed' : 'pay';
    const secret = embedded ? `?client_secret=${session.client_secret}` : '';
    const returnUrl = `${realm.engine.settings.url}/c/${way}/${session.id}/return${secret}`;
    return paySession(realm, session, method, { email: entry.email, name: entry.name }, returnUrl);
  } catch (thrown) {
    if (thrown instanceof StripeError) return thrown;
    throw thrown;
  }
}

export function methodParams(entry: Entry): Record<string, unknown> {
  const { email, name, country, postal } = entry;
  const address = { country, postal_code: postal === '' ? null : postal };
  const billing_details = { email, name, address };
  if (entry.method === 'sepa_debit')
    return { type: 'sepa_debit', sepa_debit: { iban: entry.iban }, billing_details };
  if (entry.method !== 'card') return { type: entry.method, billing_details };
  const { month, year } = readExpiry(entry.expiry) ?? { month: 0, year: 0 };
  const card = { number: entry.number, exp_month: month, exp_year: year, cvc: entry.cvc };
  return { type: 'card', card, billing_details };
}

/** Back from the bank's page: paid, or shown the form again with what went wrong. */
async function afterBank(visit: Visit): Promise<WebAnswer> {
  const { realm, session } = visit;
  if (session.status === 'complete') return finished(visit);
  if (session.status !== 'open') return closed(visit);
  const payment = realm.get('payment_intent', idOf(session.payment_intent));
  const setup = realm.get('setup_intent', idOf(session.setup_intent));
  const error = payment?.last_payment_error ?? setup?.last_setup_error;
  const { email, name } = session.customer_details ?? {};
  const entry = { ...emptyEntry(), email: email ?? '', name: name ?? '' };
  return show(visit, entry, {}, error?.message ?? null);
}

/** Paid: waits for the shop's server as Stripe does, then sends the buyer back. */
async function finished(visit: Visit): Promise<WebAnswer> {
  const { parts, realm, session, embedded } = visit;
  if (embedded) return embeddedEnd(visit);
  const { completedEvent } = realm.hidden('checkout.session', session.id);
  if (completedEvent) await parts.deliveries.acknowledged(realm, completedEvent, parts.redirectWaitMs);
  return redirect(withSessionId(session.success_url ?? '', session.id));
}

/** The literal `{CHECKOUT_SESSION_ID}`, and nothing that only resembles it, becomes the id. */
function withSessionId(url: string, id: string): string {
  return url.replaceAll('{CHECKOUT_SESSION_ID}', id);
}

/** Tells the page around the frame that it is over; that page's Stripe.js does the rest. */
function embeddedEnd({ session }: Visit): WebAnswer {
  const goes = session.redirect_on_completion !== 'never';
  const target = goes ? withSessionId(session.return_url ?? '', session.id) : '';
  const body = html`<main class="notice" data-complete="${target}">
    <h1>Thank you</h1>
    <p>Your payment is complete.</p>
  </main>`;
  return page({ title: 'Payment complete', body, scripts: ['embedded.js'], framed: true });
}

function show(visit: Visit, entry: Entry, errors: EntryErrors, alert: string | null): WebAnswer {
  const { realm, session, embedded } = visit;
  const view = pageView(realm, session);
  const backUrl = session.cancel_url && withSessionId(session.cancel_url, session.id);
  const form: CheckoutForm = { view, entry, errors, alert, backUrl, action: actionOf(visit) };
  const body = html`<main class="checkout">${summary(form)} ${paymentForm(form)}</main>
    <footer>A local stand-in for Stripe Checkout. No card is charged and no money moves.</footer>`;
  const bad = alert !== null || Object.keys(errors).length > 0;
  const scripts = embedded ? ['checkout.js', 'embedded.js'] : ['checkout.js'];
  return page({ title: 'Checkout', body, status: bad ? 422 : 200, scripts, framed: embedded });
}

function actionOf({ session, embedded }: Visit): string {
  return embedded ? `/c/embed/${session.id}?client_secret=${session.client_secret}` : `/c/pay/${session.id}`;
}

function emptyEntryFor({ realm, session }: Visit): Entry {
  const view = pageView(realm, session);
  const { customer_email: email, customer_name: name } = view;
  const [method = 'card'] = methodsOf(view);
  return { ...emptyEntry(), method, email: email ?? '', name: name ?? '' };
}

function closed({ session }: Visit): WebAnswer {
  const back = session.cancel_url ?? session.return_url;
  const link = back ? { href: withSessionId(back, session.id), label: 'Back to the shop' } : undefined;
  if (session.status === 'complete')
    return notice(
      'You have already paid',
      'This checkout is complete. There is nothing left to do here.',
      undefined,
      200,
    );
  return notice('This checkout has expired', 'Nothing was paid. Please start again in the shop.', link, 410);
}

function unknownSession(): WebAnswer {
  const text = 'No Checkout Session has this address: it was mistyped, or the simulator was reset since.';
  return notice('Something went wrong', text, undefined, 404);
}
