// What the script on the shop's page and the simulator's frames say to each other, by postMessage.

/** Marks the messages of this protocol among all others that a page gets. */
export const MARK = 'quittance-simulator';

/** From the page to a frame: do something and answer under the same number. */
export interface FrameCall {
  mark: typeof MARK;
  call: number;
  method: FrameMethod;
  args: unknown;
}

export type FrameMethod =
  | 'configure'
  | 'update'
  | 'createPaymentMethod'
  | 'createToken'
  | 'validate'
  | 'value'
  | 'focus'
  | 'blur'
  | 'clear';

/** From a frame to the page: the answer to a call. */
export interface FrameAnswer {
  mark: typeof MARK;
  answer: number;
  result: unknown;
}

/** From a frame to the page: something happened. */
export interface FrameEvent {
  mark: typeof MARK;
  event: 'ready' | 'change' | 'focus' | 'blur' | 'escape' | 'height' | 'click' | 'complete' | 'authenticated';
  detail: Record<string, unknown>;
}

/** What a frame needs to know before it can do anything. */
export interface FrameConfig {
  /** Where the API is, the publishable key for it, and the account that is acted on. */
  base: string;
  key: string;
  account: string | undefined;
  /** Elements of one group belong together: a number, an expiry and a security code are one card. */
  group: string;
  /** The kind of element: `payment`, `card`, `address`, … */
  kind: string;
  methods: string[];
  /** What the shop's page knows about the buyer already. */
  billing: BillingDetails;
  options: FrameOptions;
}

/** The options of `elements.create` that change what a frame shows; all others have no effect here. */
export interface FrameOptions {
  disabled?: boolean;
  readOnly?: boolean;
  placeholder?: string;
  hidePostalCode?: boolean;
  value?: { postalCode?: string };
  style?: { base?: Record<string, unknown> };
  fields?: { billingDetails?: unknown; phone?: string };
  display?: { name?: string };
  allowedCountries?: string[] | null;
  paymentMethodOrder?: string[];
  shippingAddressRequired?: boolean;
  shippingRates?: readonly ShippingRate[];
}

/** A way to send goods, as the Express Checkout Element names it. */
export interface ShippingRate {
  id: string;
  amount: number;
  displayName: string;
}

/** Who pays, as the API's `billing_details` have it. */
export interface BillingDetails {
  name?: string | null;
  email?: string | null;
  phone?: string | null;
  address?: Record<string, string | null | undefined> | null;
}

/** An error as Stripe.js returns it. */
export interface JsError {
  type: string;
  code?: string | undefined;
  decline_code?: string | undefined;
  message: string;
  param?: string | undefined;
  payment_intent?: unknown;
  setup_intent?: unknown;
}

/** Whether a message belongs to this protocol. */
export function isOurs(data: unknown): data is { mark: typeof MARK } {
  return typeof data === 'object' && data !== null && (data as { mark?: unknown }).mark === MARK;
}

/** Why an element could not be filled: what it was made for does not exist, or belongs to another key. */
export class LoadError extends Error {
  readonly error: JsError;

  constructor(error: JsError) {
    super(error.message);
    this.error = error;
  }
}
