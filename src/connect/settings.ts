import { z } from 'zod';

/** How sellers are taken on and paid: the part of the options that is about Connect. */
export const connectSchema = z
  .strictObject({
    /**
     * Which accounts are made: `marketplace` (express dashboard, the platform pays Stripe's fees and bears
     * losses) or `full_dashboard` (the seller has Stripe's own dashboard and does both).
     */
    preset: z.enum(['marketplace', 'full_dashboard']).default('marketplace'),
    /** Which API of Stripe makes them: Accounts v2, or v1's `controller`. */
    api: z.enum(['v2', 'v1']).default('v2'),
    /** When a dispute's money is taken back from the seller. It is given again when the dispute is won. */
    disputes: z.enum(['reverse_on_open', 'reverse_on_loss', 'keep']).default('reverse_on_open'),
    /** Hours before the end of a dispute's deadline at which somebody is alarmed. */
    dispute_alert_hours: z.array(z.int().min(1).max(720)).max(10).default([72, 24]),
  })
  .prefault({});

/** The settings of Connect, checked and with their defaults. */
export type ConnectSettings = z.output<typeof connectSchema>;
