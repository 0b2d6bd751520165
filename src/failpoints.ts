/**
 * Named places where a test may kill the process. In production `reach` does nothing.
 * The fault tests walk this whole list and fail when a name was never reached.
 */
export const FAILPOINTS = [
  'webhook.after_read',
  'webhook.after_verify',
  'store.before_insert',
  'store.after_commit',
  'webhook.before_ack',
  'webhook.after_ack',
  'drain.after_claim',
  'drain.mid_handler',
  'drain.before_commit',
  'drain.after_commit',
  'drain.before_retry_commit',
  'drain.before_dead_letter_commit',
  'checkout.after_order',
  'checkout.after_stripe',
  'settle.after_paid',
  'settle.after_fulfil',
  'reconcile.after_page',
  'seller.after_row',
  'seller.after_stripe',
  'movement.after_try',
  'movement.after_stripe',
  'movement.after_done',
] as const;

export type Failpoint = (typeof FAILPOINTS)[number];

export type ReachFailpoint = (name: Failpoint) => void;

export const noFailpoints: ReachFailpoint = () => {};
