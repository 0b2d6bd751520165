import { formatMoney } from '../../money.ts';
import type { PageItem, PageView } from '../checkout/page-view.ts';
import { methodName } from './method-names.ts';
import type { Entry, EntryErrors } from './entry.ts';
import { CVC, EMAIL, EXPIRY, IBAN, NAME, NUMBER, POSTAL, countries, field } from './fields.ts';
import { html, type Html } from './html.ts';

/** All that the payment form shows. */
export interface CheckoutForm {
  view: PageView;
  entry: Entry;
  errors: EntryErrors;
  /** Why the last try did not work, in a sentence. */
  alert: string | null;
  backUrl: string | null;
  /** Where the form is sent; the page's own address when empty. */
  action: string;
}

const TEST_CARDS: readonly (readonly [string, string])[] = [
  ['4242 4242 4242 4242', 'pays'],
  ['4000 0000 0000 3220', 'asks for 3-D Secure'],
  ['4000 0000 0000 0002', 'is declined'],
  ['4000 0000 0000 9995', 'has insufficient funds'],
];
const TEST_IBANS: readonly (readonly [string, string])[] = [
  ['AT61 1904 3002 3457 3201', 'pays after a moment'],
  ['AT86 1904 3002 3547 3202', 'fails after a moment'],
];

/** What is bought, what it costs, and the way back. */
export function summary({ view, backUrl, action }: CheckoutForm): Html {
  const { line_items: items, currency } = view;
  const price = (value: number): string => formatMoney({ value, currency: currency ?? 'usd' });
  const total = view.amount_total ?? 0;
  return html`<section class="summary" aria-labelledby="summary-title">
    <p class="shop">
      ${backUrl !== null && html`<a class="back" href="${backUrl}">← <span>Back</span></a>`}
      ${!view.livemode && html`<span class="badge">Test mode</span>`}
    </p>
    <h1 id="summary-title">${heading(view)}</h1>
    ${view.mode !== 'setup' && html`<p class="total">${price(total)}</p>`}
    <ul class="items">
      ${items.map((item) => line(item, price))}
    </ul>
    ${view.takes_codes && promotion(view, action)}
    ${
      view.mode !== 'setup' &&
      html`<dl class="sums">
        <div>
          <dt>Subtotal</dt>
          <dd>${price(view.amount_subtotal ?? 0)}</dd>
        </div>
        ${
          view.amount_discount > 0 &&
          html`<div>
            <dt>Discount</dt>
            <dd>−${price(view.amount_discount)}</dd>
          </div>`
        }
        <div class="due">
          <dt>Total due</dt>
          <dd>${price(total)}</dd>
        </div>
      </dl>`
    }
  </section>`;
}

/** Where a promotion code is typed, or the one that counts is taken back. */
function promotion({ promotion_code: code }: PageView, action: string): Html {
  if (code)
    return html`<form method="post" action="${action}" class="promotion">
      <input type="hidden" name="promotion_code" value="" />
      <span><code>${code.code}</code> ${code.name}</span>
      <button type="submit" class="button quiet">Remove</button>
    </form>`;
  return html`<form method="post" action="${action}" class="promotion">
    <div class="field">
      <label for="promotion">Promotion code</label>
      <input id="promotion" name="promotion_code" autocomplete="off" required />
    </div>
    <button type="submit" class="button quiet">Apply</button>
  </form>`;
}

/** The form in which the card is typed. Works without JavaScript; with it, mistakes show while typing. */
export function paymentForm(form: CheckoutForm): Html {
  const { view, entry, alert, action } = form;
  const types = methodsOf(view);
  const has = (type: string): boolean => types.includes(type);
  return html`<section class="pay" aria-labelledby="pay-title">
    <h2 id="pay-title">${view.mode === 'setup' ? 'Save your payment details' : 'Payment details'}</h2>
    <div class="alert" role="alert" aria-live="assertive">
      ${alert !== null && html`<p tabindex="-1" autofocus>${alert}</p>`}
    </div>
    <form method="post" action="${action}" novalidate data-checkout>
      ${field(form, EMAIL)}
      ${
        types.length > 1
          ? methods(entry, types)
          : html`<input type="hidden" name="method" value="${types[0] ?? 'card'}" />`
      }
      ${
        has('card') &&
        html`<fieldset class="card-fields">
          <legend>Card information</legend>
          ${field(form, NUMBER)}
          <div class="pair">${field(form, EXPIRY)} ${field(form, CVC)}</div>
        </fieldset>`
      }
      ${has('sepa_debit') && bankAccount(form)} ${field(form, NAME)}
      ${has('card') && html`<div class="pair card-fields">${countries(entry)} ${field(form, POSTAL)}</div>`}
      <button type="submit" class="button" data-submit>${payLabel(view)}</button>
    </form>
    ${hints(has('sepa_debit'))}
  </section>`;
}

/** The payment methods that the page can offer: nobody is signed in to Link here. */
export function methodsOf({ payment_method_types: types }: PageView): string[] {
  return types.filter((type) => type !== 'link');
}

function bankAccount(form: CheckoutForm): Html {
  return html`<fieldset class="sepa-fields">
    <legend>Bank account</legend>
    ${field(form, IBAN)}
    <p class="mandate">
      By confirming, you allow the shop to debit your account once. This is a simulation: no bank is asked.
    </p>
  </fieldset>`;
}

function heading({ mode, submit_type: type }: PageView): string {
  if (mode === 'setup') return 'Save a payment method';
  if (mode === 'subscription') return 'Subscribe';
  return type === 'donate' ? 'Donate' : type === 'book' ? 'Book' : 'Your order';
}

function payLabel(view: PageView): string {
  if (view.mode === 'setup') return 'Save';
  if (view.mode === 'subscription') return 'Subscribe';
  const verb = view.submit_type === 'donate' ? 'Donate' : view.submit_type === 'book' ? 'Book' : 'Pay';
  return `${verb} ${formatMoney({ value: view.amount_total ?? 0, currency: view.currency ?? 'usd' })}`;
}

function line(item: PageItem, price: (value: number) => string): Html {
  const each = item.quantity > 1 ? `Qty ${item.quantity}, ${price(item.unit_amount)} each` : null;
  return html`<li>
    ${item.image !== null && html`<img src="${item.image}" alt="" width="48" height="48" />`}
    <div>
      <p class="name">${item.name}</p>
      ${item.description !== null && html`<p class="more">${item.description}</p>`}
      ${each !== null && html`<p class="more">${each}</p>`}
      ${item.recurring !== null && html`<p class="more">Billed every ${item.recurring}</p>`}
    </div>
    <p class="amount">${price(item.amount_subtotal)}</p>
  </li>`;
}

function methods({ method }: Entry, types: string[]): Html {
  const option = (type: string): Html =>
    html`<label class="method"
      ><input
        type="radio"
        name="method"
        id="method-${type}"
        value="${type}"
        ${method === type && html`checked`}
      />
      ${methodName(type)}</label
    >`;
  return html`<fieldset class="methods">
    <legend>Payment method</legend>
    ${types.map(option)}
  </fieldset>`;
}

function hints(sepa: boolean): Html {
  const rows = sepa ? [...TEST_CARDS, ...TEST_IBANS] : TEST_CARDS;
  return html`<details class="hints">
    <summary>Test numbers</summary>
    <p>Any future date and any security code will do.</p>
    <ul>
      ${rows.map(([number, what]) => html`<li><code>${number}</code> ${what}</li>`)}
    </ul>
  </details>`;
}
