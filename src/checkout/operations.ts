import { z } from 'zod';
import { operation } from '../http/operation.ts';
import { orderSchema } from '../orders/schemas.ts';
import { PAYMENT_CODES } from './problems.ts';
import { orderRequestSchema } from './request.ts';

export const CREATE_ORDER = operation({
  id: 'createOrder',
  method: 'POST',
  path: '/api/orders',
  tag: 'Orders',
  summary: 'An order of your own programs’, with sellers and fees of their choice',
  description:
    'What an item names goes before what the order names, and that before what the product says. The price ' +
    'is the product’s. With `"ui":"elements"` there is `client_secret` instead of `url`.',
  role: 'operator',
  body: orderRequestSchema,
  bodyExample: '{"items":[{"id":"room","seller":"ann"}]}',
  idempotent: true,
  // It moves nothing, shops send many, and the order itself says when it was made.
  audited: false,
  answer: z.object({
    url: z.string().nullable().optional().describe('Where the buyer pays'),
    client_secret: z.string().nullable().optional().describe('For the Payment Element'),
    stripe_account: z.string().nullable().describe('For Stripe.js, when the payment is a seller’s own'),
    order: orderSchema,
    order_token: z.string().describe('Lets the buyer see this one order'),
  }),
  statuses: [201],
  problems: PAYMENT_CODES,
});
