import type Stripe from 'stripe';
import type { CheckoutUi } from '../orders/order.ts';
import { ORDER_FIELD } from '../orders/settle.ts';
import type { PaymentRequest } from './request.ts';

/**
 * What Stripe is asked for: everything about money comes from the product. The order's id goes along on the
 * session and on its payment intent, so that each of their events leads back to it.
 */
export function checkoutParams(
  orderId: string,
  { product, quantity, email }: PaymentRequest,
  ui: CheckoutUi,
  publicUrl: string,
): Stripe.Checkout.SessionCreateParams {
  const metadata = { [ORDER_FIELD]: orderId };
  return {
    mode: 'payment',
    ui_mode: ui,
    client_reference_id: orderId,
    metadata,
    payment_intent_data: { metadata },
    ...(email ? { customer_email: email } : {}),
    line_items: [
      {
        quantity,
        price_data: {
          currency: product.currency,
          unit_amount: product.price,
          product_data: {
            name: product.name,
            ...(product.description ? { description: product.description } : {}),
            ...imagesOf(product.image),
          },
        },
      },
    ],
    ...returnUrls(ui, publicUrl),
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
