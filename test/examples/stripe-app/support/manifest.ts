import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const EXAMPLE = path.resolve(import.meta.dirname, '../../../../examples/stripe-app');

// Of Stripe's list, what an app of this kind can ask for.
const permission = z.strictObject({
  permission: z.enum([
    'charge_read',
    'customer_read',
    'event_read',
    'payment_intent_read',
    'secret_write',
    'user_email_read',
  ]),
  purpose: z.string().min(10).max(200),
});

const view = z.strictObject({
  viewport: z.enum([
    'settings',
    'stripe.dashboard.customer.detail',
    'stripe.dashboard.customer.list',
    'stripe.dashboard.drawer.default',
    'stripe.dashboard.home.overview',
    'stripe.dashboard.payment.detail',
    'stripe.dashboard.payment.list',
  ]),
  component: z.string().regex(/^[A-Z]\w*$/),
});

/** A manifest of the second form, as far as an app without script extensions needs it. */
const manifest = z.strictObject({
  $schema: z.literal('https://stripe.com/stripe-app/v2.0.0/schema'),
  id: z.string().regex(/^[\w.-]+$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  // The marketplace takes no longer one, nor one with these words.
  name: z
    .string()
    .max(35)
    .refine((name) => !/\b(stripe|app|free|paid)\b/i.test(name)),
  icon: z.string().regex(/^\.\/[\w/-]+\.png$/),
  declarations: z.strictObject({
    distribution_type: z.enum(['public', 'private']),
    stripe_api_access_type: z.enum(['platform', 'oauth', 'restricted_api_key']),
    sandbox_install_compatible: z.boolean(),
    stripe_api_access: z.strictObject({ permissions: z.array(permission) }),
  }),
  ui_extension: z.strictObject({
    views: z.array(view).min(1),
    content_security_policy: z.strictObject({
      // With a path, or Stripe refuses it; never one of Stripe's own.
      'connect-src': z.array(z.string().regex(/^https:\/\/(?!api\.stripe\.com)[\w.-]+\/\S+$/)),
      purpose: z.string().min(1),
    }),
  }),
  // Without it the upload is refused, also when there are none.
  extensions: z.array(z.never()),
});

/** The example's manifest. Throws where it is not as Stripe wants it. */
export function readManifest(): z.output<typeof manifest> {
  return manifest.parse(parse(readFileSync(path.join(EXAMPLE, 'stripe-app.yaml'), 'utf8')));
}
