import type Stripe from 'stripe';
import type { CheckoutUi } from '../orders/order.ts';
import type { Product } from '../orders/products.ts';
import { ORDER_FIELD } from '../orders/settle.ts';
import type { Cart } from './cart.ts';
import type { PaymentRequest } from './request.ts';

type PaymentIntentData = Stripe.Checkout.SessionCreateParams.PaymentIntentData;

/** An order about to be written, as far as Stripe has to know it. */
export interface NewPayment {
  orderId: string;
  request: PaymentRequest;
  cart: Cart;
  fee: number;
  /** The account of the one seller of a destination or direct charge. */
  destination: string | null;
}

/**
 * What Stripe is asked for: everything about money comes from the products. The order's id goes along on the
 * session and on its payment intent, so that each of their events leads back to it.
 */
export function checkoutParams(
  payment: NewPayment,
  ui: CheckoutUi,
  publicUrl: string,
): Stripe.Checkout.SessionCreateParams {
  const { orderId, request } = payment;
  const metadata = { [ORDER_FIELD]: orderId };
  return {
    mode: 'payment',
    ui_mode: ui,
    client_reference_id: orderId,
    metadata,
    payment_intent_data: { metadata, ...splitOf(payment) },
    ...(request.email ? { customer_email: request.email } : {}),
    line_items: request.lines.map(({ product, quantity }) => lineItem(product, quantity)),
    ...returnUrls(ui, publicUrl),
  };
}

// Source: docs.stripe.com/connect/charges. A fee of nothing is left out: Stripe takes only positive ones.
function splitOf({ orderId, cart, fee, destination }: NewPayment): Partial<PaymentIntentData> {
  const application_fee_amount = fee > 0 ? { application_fee_amount: fee } : {};
  switch (cart.chargeType) {
    case 'platform':
      return {};
    case 'separate':
      return { transfer_group: orderId };
    case 'direct':
      return application_fee_amount;
    case 'destination': {
      const account = destination ?? '';
      const behalf = cart.onBehalfOf ? { on_behalf_of: account } : {};
      return { ...application_fee_amount, transfer_data: { destination: account }, ...behalf };
    }
    default:
      return cart.chargeType satisfies never;
  }
}

function lineItem(
  { name, description, image, price, currency }: Product,
  quantity: number,
): Stripe.Checkout.SessionCreateParams.LineItem {
  return {
    quantity,
    price_data: {
      currency,
      unit_amount: price,
      product_data: { name, ...(description ? { description } : {}), ...imagesOf(image) },
    },
  };
}

// {CHECKOUT_SESSION_ID} is Stripe's to fill in, so it may not be percent-encoded.
function returnUrls(ui: CheckoutUi, publicUrl: string): Stripe.Checkout.SessionCreateParams {
  const success = `${publicUrl}/payment/success?session_id={CHECKOUT_SESSION_ID}`;
  if (ui === 'elements') return { return_url: success };
  return { success_url: success, cancel_url: `${publicUrl}/payment/cancel` };
}

// Stripe fetches images itself: only an address the world can reach is of use.
function imagesOf(image: string | undefined): { images?: string[] } {
  return image?.startsWith('https:') ? { images: [image] } : {};
}
