import { z } from 'zod';

// Stripe's largest amount is eight digits in most currencies; price times quantity has to stay below it.
const AMOUNT_MAX = 99_999_999;
const QUANTITY_MAX = 1_000;
const PRODUCTS_MAX = 500;

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
  })
  .refine((product) => product.price * product.max_quantity <= AMOUNT_MAX, {
    message: `price times max_quantity may not exceed ${AMOUNT_MAX} minor units`,
    path: ['max_quantity'],
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
