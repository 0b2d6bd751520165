import { Element, type Made } from './element.ts';
import { openSheet, type SheetValue } from './express-sheet.ts';
import type { BillingDetails, FrameEvent, ShippingRate } from './protocol.ts';

/** What the page may say when the button is pressed, before the wallet opens. */
interface ClickDetails {
  emailRequired?: boolean;
  shippingAddressRequired?: boolean;
  shippingRates?: ShippingRate[];
}

/** What the page answers to a change in the wallet, or that it can't. */
type Answer = { accepted: true; details: ClickDetails } | { accepted: false };

/** No real wallet works in a local browser: this one is called Google Pay, whose test card it hands out. */
const WALLET = 'google_pay';
const AVAILABLE = {
  amazonPay: false,
  applePay: false,
  googlePay: true,
  link: false,
  paypal: false,
  klarna: false,
};

/** The Express Checkout Element: a button, a sheet, and the events in between in Stripe's order. */
export class ExpressElement extends Element {
  #buyer: BillingDetails = {};

  protected override readyDetail(): Record<string, unknown> {
    return { availablePaymentMethods: AVAILABLE };
  }

  protected override tell(event: FrameEvent): void {
    if (event.event === 'click') void this.#open();
    else super.tell(event);
  }

  /** A wallet hands out a card that nobody types. */
  override async createPaymentMethod(billing: BillingDetails): Promise<Made<'paymentMethod'>> {
    const made = await this.context.api.post('/v1/payment_methods', {
      type: 'card',
      card: { token: 'tok_visa' },
      billing_details: { ...this.#buyer, ...billing },
    });
    return made.ok ? { paymentMethod: made.body } : { error: made.error };
  }

  override async validate(): Promise<undefined> {
    return undefined;
  }

  async #open(): Promise<void> {
    const clicked = await this.#askPage('click', { elementType: this.kind, expressPaymentType: WALLET });
    if (!clicked.accepted) return;
    const wanted = { ...(this.options as ClickDetails), ...clicked.details };
    const shipping = wanted.shippingAddressRequired === true;
    const shippingRates = shipping ? (wanted.shippingRates ?? []) : [];
    const value = await openSheet(this.context, { shippingAddressRequired: shipping, shippingRates });
    if (!value) {
      this.emit('cancel', { elementType: this.kind });
      return;
    }
    if (shipping && !(await this.#accepts(value, shippingRates))) return;
    this.#buyer = { name: value.name, email: value.email, address: value.address };
    this.emit('confirm', {
      elementType: this.kind,
      expressPaymentType: WALLET,
      billingDetails: this.#buyer,
      ...(shipping && {
        shippingAddress: { name: value.name, address: value.address },
        shippingRate: rateOf(value, shippingRates),
      }),
      paymentFailed: () => undefined,
    });
  }

  /** Tells the page where the goods are to go and how; it may refuse either. */
  async #accepts(value: SheetValue, rates: ShippingRate[]): Promise<boolean> {
    const { line1: _line1, line2: _line2, ...address } = value.address;
    const sent = await this.#askPage('shippingaddresschange', { name: value.name, address });
    const rate = sent.accepted ? rateOf(value, sent.details.shippingRates ?? rates) : undefined;
    const chosen = rate ? await this.#askPage('shippingratechange', { shippingRate: rate }) : sent;
    if (!chosen.accepted) this.emit('cancel', { elementType: this.kind });
    return chosen.accepted;
  }

  /** Emits an event that wants an answer; a page without a handler agrees. */
  #askPage(name: string, detail: Record<string, unknown>): Promise<Answer> {
    if (!this.handles(name)) return Promise.resolve({ accepted: true, details: {} });
    return new Promise((resolve) => {
      this.emit(name, {
        ...detail,
        resolve: (details: ClickDetails = {}) => resolve({ accepted: true, details }),
        reject: () => resolve({ accepted: false }),
      });
    });
  }
}

function rateOf({ shippingRate }: SheetValue, rates: ShippingRate[] = []): ShippingRate | undefined {
  return rates.find(({ id }) => id === shippingRate) ?? rates[0];
}
