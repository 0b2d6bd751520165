import { z } from 'zod';
import { feeSchema } from './fee.ts';

// Stripe's largest amount is eight digits in most currencies; price times quantity has to stay below it.
export const AMOUNT_MAX = 99_999_999;
const QUANTITY_MAX = 1_000;
const PRODUCTS_MAX = 500;

/** The platform's own id of a seller: printable, and short enough for Stripe's metadata. */
export const sellerReferenceSchema = z.string().regex(/^[\x21-\x7e]{1,200}$/, {
  message: 'must be your reference of a seller: 1 to 200 visible ASCII characters',
});

/**
 * Whose charge a payment is. `destination`: ours, and Stripe sends it on to the one seller at once, less the
 * fee. `separate`: ours, and each seller gets a transfer once it is paid. `direct`: the seller's own.
 */
export const chargeSchema = z.enum(['destination', 'separate', 'direct']);

const productSchema = z
  .strictObject({
    /** What the buyer sends. Lower-case letters, digits, `-` and `_`. */
    id: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, "-" or "_"'),
    name: z.string().min(1).max(250),
    description: z.string().min(1).max(500).optional(),
    /** An https URL, which Stripe shows too, or a `data:` URL for our own pages alone. */
    image: z
      .string()
      .max(8192)
      .regex(/^(https:\/\/|data:image\/)/, 'must begin with https:// or data:image/')
      .optional(),
    /** Price of one, in the currency's smallest unit: 350 is 3.50 in usd and 350 in jpy. */
    price: z.int().min(1).max(AMOUNT_MAX),
    /** ISO 4217, lower case. */
    currency: z.string().regex(/^[a-z]{3}$/, 'must be three lower-case letters, for example "usd"'),
    /** Most that one order may hold. */
    max_quantity: z.int().min(1).max(QUANTITY_MAX).default(10),
    /** Who sells it: your own reference of a seller. Without one it is the platform's own. */
    seller: sellerReferenceSchema.optional(),
    /** What the platform keeps when it is sold for a seller. Default nothing. */
    fee: feeSchema.optional(),
    charge: chargeSchema.default('destination'),
    /** The seller is the merchant of record: the statement shows them. Only for destination charges. */
    on_behalf_of: z.boolean().default(false),
  })
  .refine((product) => product.price * product.max_quantity <= AMOUNT_MAX, {
    message: `price times max_quantity may not exceed ${AMOUNT_MAX} minor units`,
    path: ['max_quantity'],
  })
  .refine((product) => !product.on_behalf_of || product.charge === 'destination', {
    message: 'goes with charge "destination" only',
    path: ['on_behalf_of'],
  });

/** Something that can be bought. The price stands here and nowhere else. */
export type Product = z.output<typeof productSchema>;
/** A product as it is written in the configuration. */
export type ProductInput = z.input<typeof productSchema>;

export const productsSchema = z
  .array(productSchema)
  .max(PRODUCTS_MAX)
  .refine((products) => new Set(products.map((product) => product.id)).size === products.length, {
    message: 'two products have the same id',
  });
